import type { Clock } from '../../domain/base/clock.ts';
import { formatDuration } from '../../domain/base/duration.ts';
import { Failure } from '../../domain/base/failure.ts';

/** How a worker is told to end. */
export interface Shutdown {
  readonly clock: Clock;
  /** Aborted when the worker is told to end. */
  readonly interrupt: AbortSignal;
  /** Aborted when the worker is told again: it ends at once. */
  readonly urgent: AbortSignal;
}

/** How long (ms) the report of a task's result may take after the worker was told to end. */
const SAY_WITHIN_MS = 10_000;

/** The same, after it was told again. */
const SAY_URGENTLY_WITHIN_MS = 3_000;

/** How long (ms) optional work may take then. */
const COURTESY_MS = 1_000;

/**
 * A time limit that begins when the worker is told to end.
 * @param more also begins it, with the longer time
 * @returns a signal that is aborted when the time is up, with a Failure as its reason; call `release` when it is not
 * needed any more
 */
export function limitAfterInterrupt(
  { clock, interrupt, urgent }: Shutdown,
  more?: AbortSignal,
): { readonly signal: AbortSignal; release(): void } {
  const limit = new AbortController();
  const over = new AbortController();
  const within = (ms: number): void => {
    clock.sleep(ms, over.signal).then(
      () => limit.abort(unanswered(ms)),
      () => undefined,
    );
  };
  whenAborted(interrupt, over.signal, () => within(SAY_WITHIN_MS));
  whenAborted(urgent, over.signal, () => within(SAY_URGENTLY_WITHIN_MS));
  if (more !== undefined) whenAborted(more, over.signal, () => within(SAY_WITHIN_MS));
  return { signal: limit.signal, release: () => over.abort() };
}

function unanswered(ms: number): Failure {
  const message = `the remote did not answer within ${formatDuration(ms)}, so it may have been done all the same`;
  return new Failure('timed-out', message, { details: { mayHaveLanded: true } });
}

/** Settles with the work, or rejects with the signal's reason if that comes first. The work itself goes on. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => whenAborted(signal, over.signal, () => reject(signal.reason))),
    ]);
  } finally {
    over.abort();
  }
}

/** Waits for optional work; after the worker was told to end, only for a moment. Never throws. */
export async function courteously(work: Promise<unknown>, { clock, interrupt }: Shutdown): Promise<void> {
  const over = new AbortController();
  const enough = new Promise<void>((resolve) => {
    whenAborted(interrupt, over.signal, () => {
      clock.sleep(COURTESY_MS, over.signal).then(resolve, () => undefined);
    });
  });
  await Promise.race([work.catch(() => undefined), enough]);
  over.abort();
}

/** Calls back when the signal is aborted, or at once if it is already; never after `over` is aborted. */
export function whenAborted(signal: AbortSignal, over: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true, signal: over });
}
