import type { SandboxCommit } from '../../sandbox/sandbox.ts';
import { folderOf, taskText } from './large-queue.ts';

/** A queue that a pool has worked on for days. */
export interface LongHistory {
  /** The last tenth of them is open, and a twentieth of these is claimed. */
  readonly tasks: number;
  /** At least two for each completed task, and one for each claim. What is left over are heartbeats. */
  readonly commits: number;
  readonly projects: number;
  /** Over how long the commits are spread, evenly; the last one is of now. */
  readonly days: number;
  /** Seconds since the epoch. */
  readonly now: number;
}

const AGENTS = 50;

/**
 * Commits as agentq makes them: one that adds all tasks, then of each task a claim, some heartbeats and the completion.
 * As many tasks as there are agents are worked on at a time.
 */
export function historyOf({ tasks, commits, projects, days, now }: LongHistory): SandboxCommit[] {
  const open = Math.round(tasks / 10);
  const claimed = Math.round(open / 20);
  const done = tasks - open;
  const beats = commits - 1 - 2 * done - claimed;
  if (beats < 0) throw new Error(`${tasks} tasks take ${2 * done + claimed + 1} commits`);
  const start = now - days * 86_400;
  const made: SandboxCommit[] = [];
  const timeOf = (index: number): number => Math.floor(start + ((now - start) * index) / Math.max(1, commits - 1));
  const add = (agent: string, message: string, files: SandboxCommit['files']): void => {
    const author = { name: agent, email: `${agent}@agentq.invalid` };
    made.push({ message, author, timeSeconds: timeOf(made.length), files });
  };

  const texts = new Map<number, string>();
  for (let number = 1; number <= tasks; number++) texts.set(number, taskText(number, projects));
  const pathOf = (number: number, folder: string): string =>
    `${folderOf(number % projects)}/${folder}/TASK-${number}.toon`;
  add(
    'architect',
    `[ORCHESTRATOR] Added ${tasks} tasks`,
    Object.fromEntries([...texts].map(([number, text]) => [pathOf(number, 'tasks'), text])),
  );

  const claim = (number: number): void => {
    const text = `${texts.get(number)}${claimText(number, made.length, timeOf(made.length))}`;
    texts.set(number, text);
    const agent = agentOf(number);
    add(
      agent,
      message('AGENT-CLAIM', `${agent} claimed TASK-${number} from ${projectOf(number, projects)}`, number, projects, [
        `Agentq-Request: ${requestOf(made.length)}`,
        `Agentq-Attempts: ${1 + (number % 3)}`,
        `Agentq-Waited-Ms: ${50 + (number % 900)}`,
      ]),
      { [pathOf(number, 'tasks')]: null, [pathOf(number, 'claimed')]: text },
    );
  };
  const beat = (number: number): void => {
    const at = isoOf(timeOf(made.length));
    const text = (texts.get(number) ?? '').replace(/last_heartbeat: \S+/, `last_heartbeat: ${at}`);
    texts.set(number, text);
    const agent = agentOf(number);
    add(agent, message('AGENT-HEARTBEAT', `${agent} working on TASK-${number}`, number, projects), {
      [pathOf(number, 'claimed')]: text,
    });
  };
  const complete = (number: number): void => {
    const agent = agentOf(number);
    const at = isoOf(timeOf(made.length));
    const text = `${texts.get(number)}\ncompletion:\n  status: completed\n  completed_at: ${at}\n  completed_by: ${agent}\n`;
    const name = `${projectOf(number, projects)}/TASK-${number}`;
    add(agent, message('AGENT-COMPLETE', `${agent} completed ${name}`, number, projects), {
      [pathOf(number, 'claimed')]: null,
      [pathOf(number, 'completed')]: text,
    });
  };

  let left = beats;
  for (let number = 1; number <= done; number++) {
    claim(number);
    const share = Math.floor((beats * number) / done) - (beats - left);
    for (let count = 0; count < share; count++) beat(number);
    left -= share;
    complete(number);
  }
  for (let number = done + 1; number <= done + claimed; number++) claim(number);
  return made;
}

function agentOf(number: number): string {
  return `agent-${1 + (number % AGENTS)}`;
}

function projectOf(number: number, projects: number): string {
  return `project-${number % projects}`;
}

function requestOf(index: number): string {
  return `request${String(index).padStart(9, '0')}`;
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}

function claimText(number: number, index: number, seconds: number): string {
  const at = isoOf(seconds);
  return `\nclaim:\n  claimed_by: ${agentOf(number)}\n  claimed_at: ${at}\n  last_heartbeat: ${at}\n  claim_attempt: 1\n  claim_id: ${requestOf(index)}\n`;
}

function message(
  tag: string,
  subject: string,
  number: number,
  projects: number,
  trailers: readonly string[] = [],
): string {
  const of = [`Agentq-Task: ${projectOf(number, projects)}/TASK-${number}`, `Agentq-Agent: ${agentOf(number)}`];
  return `[${tag}] ${subject}\n\n${[...of, ...trailers].join('\n')}\n`;
}
