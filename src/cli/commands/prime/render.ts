import { approximateDuration } from '../../../domain/base/duration.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { cutToWidth } from '../../output/table.ts';
import type { PrimedTask, PrimeResult } from './result.ts';

/** Most tasks that are named, and the longest title (columns): the whole must stay under 400 tokens. */
const MOST_HELD = 2;
const LONGEST_TITLE = 50;
const LONGEST_REASON = 120;

/** A few lines for an agent to read at the beginning of a session. */
export function render(result: PrimeResult): string {
  const { branch, remote, agent, holds, commands, exitCodes } = result;
  const codes = exitCodes.map(({ codes, means }) => `${codes.join(', ')} ${means}`);
  const lines = [
    `agentq gives out the tasks of this repository (${branch} of ${remote ?? 'this clone'}).`,
    agent === null
      ? 'You have no agent id: choose one (letters, digits, -), keep it, and name it in every command.'
      : `You are ${agent}.`,
    ...(agent === null ? [] : heldLines(result)),
    ...nextLines(result),
    'Work on no task that you do not hold. Commit your work to a branch of its own, not to the queue.',
    ...commands.map(({ command, does }) => `- \`${command}\`: ${does}`),
    `Exit codes: ${codes.join('; ')}.`,
  ];
  if (holds.length > MOST_HELD)
    lines.splice(2 + MOST_HELD, 0, `- and ${holds.length - MOST_HELD} more: \`agentq agents --json --agent ${agent}\``);
  return `${lines.map(sanitizeLine).join('\n')}\n`;
}

function heldLines({ holds, worker, time }: PrimeResult): string[] {
  if (holds.length === 0) return ['You hold no task.'];
  return holds.slice(0, MOST_HELD).map((one, index) => {
    const since = one.claimedAt === null ? '' : `, since ${between(one.claimedAt, time)}`;
    const how = worker === 'work' && index === 0 ? `. ${UNDER_WORKER}` : `. ${beat(one, time)}`;
    return `You hold ${nameOf(one)}${since}${how}`;
  });
}

const UNDER_WORKER =
  'Your worker renews the claim. It completes the task if you exit with 0, and gives it back otherwise: 75 means "not now".';

function beat({ state, heartbeatDue }: PrimedTask, time: string): string {
  switch (state) {
    case 'review':
      return 'It waits for its merge and needs nothing.';
    case 'stalled':
      return 'Its heartbeat is overdue, and anybody may take it: renew it now.';
    case 'working':
    case 'silent':
      return heartbeatDue === null ? 'Renew it now and then.' : `Renew it within ${between(time, heartbeatDue)}.`;
  }
}

function nextLines({ next, nothing }: PrimeResult): string[] {
  if (next !== null) return [`Next to claim: ${nameOf(next)}, priority ${next.priority}.`];
  return nothing === null ? [] : [cutToWidth(`Now: ${nothing}`, LONGEST_REASON)];
}

function nameOf({ project, task, title }: Pick<PrimedTask, 'project' | 'task' | 'title'>): string {
  return `${project}/${task}${title === null ? '' : ` "${cutToWidth(sanitizeLine(title), LONGEST_TITLE)}"`}`;
}

function between(from: string, to: string): string {
  return approximateDuration(Date.parse(to) - Date.parse(from));
}
