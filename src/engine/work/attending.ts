import { formatDuration } from '../../domain/base/duration.ts';
import type { WorkEvent } from './events.ts';
import type { Lease } from './lease.ts';
import { LimitWait } from './limit-wait.ts';
import { type Shutdown, whenAborted } from './shutdown.ts';
import type { CommandEnd, RunningCommand } from './workspace.ts';

/** Limits of a command, and of each check after it. */
export interface RunLimits {
  /**
   * Time (ms) between asking a command to end and killing it; also what a running one gets when the worker must end.
   */
  readonly graceMs: number;
  /** Longest time (ms) of one run; undefined: no limit. */
  readonly timeoutMs: number | undefined;
  /** What to do with a command whose task others have changed; absent: nothing. */
  readonly onChange?: 'restart' | 'signal' | undefined;
}

export interface AttendingOptions extends Shutdown {
  readonly rules: RunLimits;
  onEvent(event: WorkEvent): void;
}

/** How a run ended, and why it was stopped if it was. */
export interface Attended {
  readonly end: CommandEnd;
  readonly stoppedBy: 'lost' | 'timeout' | 'interrupt' | 'changed' | undefined;
}

/** Waits for the commands that run for a task, one after another, and stops one when there is a reason to. */
export class Attending {
  readonly #lease: Lease;
  readonly #options: AttendingOptions;
  readonly #limitWait: LimitWait;
  /** When (ms since the epoch) the worker was first seen to be told to end: there is one grace for all that follows. */
  #toldAt: number | undefined;
  /** Tells the command that runs now of a change. */
  #onChange: (() => void) | undefined;

  constructor(lease: Lease, options: AttendingOptions) {
    this.#lease = lease;
    this.#options = options;
    this.#limitWait = new LimitWait(lease, options);
  }

  /**
   * Runs a command to its end. If this machine is at its limits, it is started again when there may be room.
   * @throws Failure the limit, if it lasts
   */
  async run(start: () => RunningCommand, what: 'command' | 'check' = 'command'): Promise<Attended> {
    for (;;) {
      const attended = await this.#attend(start(), what);
      const { end, stoppedBy } = attended;
      if (end.kind !== 'not-started' || end.failure === undefined || stoppedBy !== undefined) return attended;
      if (!(await this.#limitWait.wait(end.failure))) throw end.failure;
      if (this.#options.interrupt.aborted) return { end, stoppedBy: 'interrupt' };
      if (this.#lease.gone.aborted) return { end, stoppedBy: 'lost' };
    }
  }

  /** Others have changed the task. A check is not told: what it checks was made before. */
  changed(): void {
    this.#onChange?.();
  }

  async #attend(command: RunningCommand, what: 'command' | 'check'): Promise<Attended> {
    const { rules, clock, interrupt, urgent, onEvent } = this.#options;
    const { gone, job } = this.#lease;
    const over = new AbortController();
    let stoppedBy: Attended['stoppedBy'];
    const stop = (why: NonNullable<Attended['stoppedBy']>, reason: string, graceMs = rules.graceMs): void => {
      if (over.signal.aborted) return;
      if (stoppedBy === undefined) onEvent({ kind: 'stopping', job, reason });
      stoppedBy ??= why;
      command.stop(graceMs);
    };
    const after = (ms: number, then: () => void): void => {
      clock.sleep(ms, over.signal).then(then, () => undefined);
    };
    whenAborted(gone, over.signal, () => stop('lost', String(gone.reason)));
    whenAborted(urgent, over.signal, () => stop('interrupt', 'the worker was told to end at once', 0));
    whenAborted(interrupt, over.signal, () => {
      this.#toldAt ??= clock.now();
      const leftMs = Math.max(0, this.#toldAt + rules.graceMs - clock.now());
      after(leftMs, () => stop('interrupt', 'the worker was told to end'));
    });
    this.#onChange = () => {
      if (what === 'check') return;
      if (rules.onChange === 'signal') command.notify?.();
      if (rules.onChange === 'restart') stop('changed', 'its task has changed: it is started again');
    };
    const { timeoutMs } = rules;
    if (timeoutMs !== undefined) after(timeoutMs, () => stop('timeout', tooLong(timeoutMs)));
    const end = await command.ended;
    over.abort();
    this.#onChange = undefined;
    // A supervisor that ends us, such as systemd, signals our commands at the same time: they have not failed.
    if (stoppedBy === undefined && interrupt.aborted && wasToldToEnd(end)) stoppedBy = 'interrupt';
    return { end, stoppedBy };
  }
}

/**
 * What went wrong with a run that was stopped for its time or ended by itself, as the rest of "it ..."; undefined:
 * nothing.
 */
export function wordsOfRun({ end, stoppedBy }: Attended, { timeoutMs = 0 }: RunLimits): string | undefined {
  if (stoppedBy === 'timeout') return tooLong(timeoutMs);
  return end.kind === 'exited' && end.code === 0 ? undefined : wordsOfEnd(end);
}

/** How a command ended, as the rest of "it ...". */
export function wordsOfEnd(end: CommandEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with ${end.code}`;
    case 'signalled':
      return `was killed by ${end.signal}`;
    case 'not-started':
      return `could not be started: ${end.message}`;
  }
}

function tooLong(timeoutMs: number): string {
  return `ran longer than ${formatDuration(timeoutMs)}`;
}

/** Whether a signal that asks to end has ended it; shells and many programs turn that into an exit code. */
function wasToldToEnd(end: CommandEnd): boolean {
  if (end.kind === 'signalled') return /^SIG(?:HUP|INT|TERM|KILL)$/.test(end.signal);
  return end.kind === 'exited' && [129, 130, 143].includes(end.code);
}
