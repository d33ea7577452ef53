import { holdingsOf, overlap, whenClaimable, whenHeld, without } from '../branch.ts';
import type { Answer, History } from '../history.ts';
import type { Span } from '../world/process.ts';

/** How long (ms) after its deadline a command may still take: git is ended, and the answer made. */
const DEADLINE_SLACK_MS = 12_000;

/** The same after an interrupt: a push is seen through for 10 s, and a claim that landed is given back. */
const INTERRUPT_SLACK_MS = 25_000;

/** How long (ms) a process sees others through after its answer, at most, and how much more it may take to end. */
const SEEING_THROUGH_MS = 10_000;
const ENDING_SLACK_MS = 1_000;

/** A pool that was told to end at once. */
const URGENT_SLACK_MS = 40_000;

/** Whoever waits looks at least every 36 s, and claims then; a leader that hangs is left after a minute. */
const WAKE_UP_MS = 110_000;

/** What one request may take: tries, publishing, taking it back. */
const PUSHES_PER_REQUEST = 45;

function runningMs(answer: Answer, span: Span): number {
  const idle = answer.suspensions.map((one) => overlap(one, span)).map((one) => (one ? one.to - one.from : 0));
  return span.to - span.from - idle.reduce((sum, ms) => sum + ms, 0);
}

export function late(history: History): string[] {
  return history.answers.flatMap((answer) => {
    const { process, command, startedAt, endedAt, interruptedAt, urgedAt, told } = answer;
    if (told.kind === 'nothing') return [`${process} (${command.kind}) was never answered`];
    const took = (from: number): number => runningMs(answer, { from, to: endedAt });
    const wrong: string[] = [];
    const limit = limitOf(command);
    // Who is interrupted gives back what it has claimed, whatever the time.
    const slack = interruptedAt === undefined ? DEADLINE_SLACK_MS : INTERRUPT_SLACK_MS;
    if (limit !== undefined && took(startedAt) > limit + slack) {
      wrong.push(`${process} was answered after ${Math.round(took(startedAt))} ms, with a limit of ${limit}`);
    }
    if (interruptedAt !== undefined && command.kind !== 'work' && took(interruptedAt) > INTERRUPT_SLACK_MS) {
      wrong.push(`${process} ended ${Math.round(took(interruptedAt))} ms after its interrupt`);
    }
    if (urgedAt !== undefined && took(urgedAt) > URGENT_SLACK_MS) {
      wrong.push(`${process} ended ${Math.round(took(urgedAt))} ms after it was told to end at once`);
    }
    return wrong;
  });
}

/** Who has its answer waits for others within its own limit, and not after an interrupt. */
export function lingering({ answers, endings }: History): string[] {
  return endings.flatMap(({ process, waitedMs, afterInterruptMs = 0 }) => {
    const answer = answers.find((one) => one.process === process);
    if (answer === undefined) return [];
    const { command, startedAt, endedAt } = answer;
    const timeoutMs = 'timeoutMs' in command ? command.timeoutMs : undefined;
    const left =
      timeoutMs === undefined ? SEEING_THROUGH_MS : timeoutMs - runningMs(answer, { from: startedAt, to: endedAt });
    const wrong: string[] = [];
    if (waitedMs > Math.min(SEEING_THROUGH_MS, Math.max(0, left)) + ENDING_SLACK_MS) {
      wrong.push(`${process} ended ${Math.round(waitedMs)} ms after its answer, with ${Math.round(left)} ms left`);
    }
    if (afterInterruptMs > ENDING_SLACK_MS) {
      wrong.push(`${process} had its answer, and ended ${Math.round(afterInterruptMs)} ms after its interrupt`);
    }
    return wrong;
  });
}

function limitOf(command: Answer['command']): number | undefined {
  const timeoutMs = 'timeoutMs' in command ? command.timeoutMs : undefined;
  if (command.kind !== 'claim' || command.waitMs === undefined) return timeoutMs;
  return command.waitMs === 'ever' ? undefined : command.waitMs;
}

export function unbounded({ answers, pushes, looks, meetings }: History): string[] {
  return answers.flatMap((answer) => {
    const { process, ids, startedAt, endedAt } = answer;
    const seconds = (endedAt - startedAt) / 1000;
    const pushed = pushes.filter((push) => push.process === process).length;
    const met = meetings.get(process) ?? 0;
    const looked = looks.get(process) ?? 0;
    const wrong: string[] = [];
    if (pushed > PUSHES_PER_REQUEST * (2 + ids.length)) wrong.push(`${process} pushed ${pushed} times`);
    if (met > 30 + 4 * ids.length + seconds) wrong.push(`${process} came to a meeting ${met} times in ${seconds} s`);
    if (looked > 200 + 100 * ids.length + 4 * seconds) wrong.push(`${process} looked ${looked} times in ${seconds} s`);
    return wrong;
  });
}

/** Pushes of the branch stand in one line, whoever pushes. */
export function crowded({ answers, pushes, hangs, pushLimit }: History): string[] {
  // After a minute of waiting for one that hangs, others push all the same.
  if (pushLimit === undefined || hangs.length > 0) return [];
  // Who is interrupted waits for nobody, and a machine that sleeps or dies loses its place.
  const steady = new Set(
    answers.flatMap(({ process, told, suspensions, interruptedAt }) =>
      told.kind === 'killed' || suspensions.length > 0 || interruptedAt !== undefined ? [] : [process],
    ),
  );
  const counted = pushes.filter(({ process, what }) => what === 'branch' && steady.has(process));
  return counted.flatMap(({ at, process }) => {
    const others = counted.filter((other) => other.at <= at && (other.until ?? Number.POSITIVE_INFINITY) > at);
    return others.length <= pushLimit ? [] : [`${process} pushed as one of ${others.length}`];
  });
}

export function asleep(history: History): string[] {
  if (history.server.neverCalm) return [];
  const claimable = whenClaimable(history, 1);
  const after = ({ from, to }: Span): Span => ({ from, to: to + WAKE_UP_MS / 2 });
  const troubled = history.server.trouble.map(after);
  const holdings = holdingsOf(history);
  return history.answers.flatMap((answer) => {
    const { process, command, startedAt, endedAt } = answer;
    const waits =
      (command.kind === 'claim' && command.waitMs !== undefined) ||
      (command.kind === 'work' && command.idle !== 'leave');
    if (!waits || (command.kind === 'work' && command.maxTasks !== undefined)) return [];
    const span = { from: startedAt, to: answer.interruptedAt ?? endedAt };
    // Nobody has told it to lose patience with its own git any sooner.
    const hangs = history.hangs.filter((hang) => hang.process === process).map(after);
    // Agents that all work on something wait for nothing.
    const own = holdings.filter(({ claimId }) => answer.ids.includes(claimId));
    const busy = command.kind === 'work' ? whenHeld(own, command.agents, history.endedAt) : [];
    const chances = claimable
      .flatMap((one) => overlap(one, span) ?? [])
      .flatMap((one) => without(one, [...troubled, ...answer.suspensions, ...hangs, ...busy]));
    const long = chances.find(({ from, to }) => to - from > WAKE_UP_MS);
    return long === undefined
      ? []
      : [`${process} slept for ${Math.round((long.to - long.from) / 1000)} s beside something to claim`];
  });
}
