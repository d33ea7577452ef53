import type { Randomness } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { CompleteIntent, ReleaseIntent, ReviewIntent } from '../../domain/intents/intent.ts';
import { unansweredIn } from '../base/unanswered.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Told, WorkEvent } from './events.ts';
import { isWorthSayingAgain, pauseAfter, wordsOf } from './faults.ts';
import type { Lease } from './lease.ts';
import { limitAfterInterrupt, orAborted, type Shutdown } from './shutdown.ts';
import type { WorkQueue } from './work-queue.ts';

export interface UntilAnsweredOptions extends Shutdown {
  readonly queue: Pick<WorkQueue, 'submit'>;
  readonly random: Randomness;
  onEvent(event: WorkEvent): void;
}

/** How often (ms) a waiting worker reports that it waits. */
const SAY_AGAIN_MS = 30_000;

/** Pause (ms) between two tries of a worker that was told to end. */
const HURRIED_PAUSE_MS = 1_000;

/**
 * Reports the result of a task, and tries again as long as that may help and the claim is ours: the work is done, and
 * worth the wait. All tries are one intent with one request id. A worker that was told to end tries for ten seconds, or
 * for three if told again: by then the caller has its answer, whatever the remote and the queue do.
 * @throws the error that kept the result from being reported
 */
export async function submitUntilAnswered(
  intent: CompleteIntent | ReviewIntent | ReleaseIntent,
  lease: Lease,
  options: UntilAnsweredOptions,
): Promise<Submitted> {
  const { queue, clock, interrupt, onEvent } = options;
  const { job, gone, settings } = lease;
  const limit = limitAfterInterrupt(options, gone);
  const startedAt = clock.now();
  const over = new AbortController();
  void sayThatItTakesLong();
  let last: unknown;
  /** The tip from which the commit of an earlier try must be looked for. */
  let base: string | undefined;
  try {
    for (let failures = 1; ; failures++) {
      try {
        const from = given({ base });
        return await orAborted(queue.submit(intent, { signal: limit.signal, ...from }), limit.signal);
      } catch (error) {
        if (limit.signal.aborted) throw last === undefined ? error : afterAll(last, error);
        last = error;
        base = unansweredIn(error, intent.request)?.base ?? base;
        // Others may have the task, or its heartbeats work although its result cannot be reported, and nobody knows
        // why.
        if (gone.aborted || clock.now() - startedAt >= settings.stalledAfterMs) throw error;
        if (!isWorthSayingAgain(error, failures)) throw error;
        const delayMs = interrupt.aborted ? HURRIED_PAUSE_MS : pauseAfter(failures - 1);
        onEvent({ kind: 'untold', job, what: whatOf(intent), failures, reason: wordsOf(error), delayMs });
        // If the worker is told to end meanwhile, it tries at once.
        const wake = interrupt.aborted ? [] : [interrupt];
        await clock.sleep(delayMs, AbortSignal.any([limit.signal, gone, ...wake])).catch(() => undefined);
        if (limit.signal.aborted) throw error;
      }
    }
  } finally {
    limit.release();
    over.abort();
  }

  async function sayThatItTakesLong(): Promise<void> {
    for (;;) {
      const isOver = await clock.sleep(SAY_AGAIN_MS, over.signal).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      onEvent({ kind: 'unheard', job, what: whatOf(intent), sinceMs: clock.now() - startedAt });
    }
  }
}

/** The earlier error tells more than the end of the time. The failure also says that the last try may have landed. */
function afterAll(earlier: unknown, error: unknown): unknown {
  if (!(earlier instanceof Failure)) return error;
  const { code, message, details } = earlier;
  return new Failure(code, `${message}; then ${wordsOf(error)}`, { details: { ...details, mayHaveLanded: true } });
}

function whatOf({ kind }: CompleteIntent | ReviewIntent | ReleaseIntent): Told {
  switch (kind) {
    case 'complete':
      return 'completed';
    case 'review':
      return 'put into review';
    case 'release':
      return 'given back';
  }
}

/** The failure for a task whose result could not be reported: its `code` is that of the cause. */
export function heldFailure(name: string, agent: string, reason: string, cause: Failure | undefined): Failure {
  return new Failure(cause?.code ?? 'remote-unreachable', `${name}: ${reason}`, {
    hint: `\`agentq release ${name} ${agent}\` gives it back, as \`agentq release-stalled\` will`,
    details: cause?.details ?? {},
  });
}
