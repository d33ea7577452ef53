import type { Clock } from '../../domain/base/clock.ts';
import { INTERRUPT_GRACE_MS } from './critical-section.ts';

/**
 * A deadline in three moments. Between the first two, work under way may still succeed. Between the last two, its
 * outcome is looked up. After the last, the caller is answered with what is known.
 */
export interface Deadline {
  /** From here on nothing is begun. If nothing was done, the caller is told its reason. */
  readonly stop: AbortSignal;
  /** Work under way is ended: git, with its helpers. */
  readonly cut: AbortSignal;
  /** The caller is answered. */
  readonly end: AbortSignal;
  /** Stops the timers. Call it when the work is done. */
  close(): void;
}

/** The share of a limit that is reserved for ending git and for looking up the outcome, and its bounds (ms). */
const RESERVE = { share: 1 / 16, least: 25, most: 1_000 } as const;

/** When `cut` and `end` come (ms) after the caller gave up: a push under way is worth a moment. */
const GIVEN_UP = { cutMs: 2_000, endMs: 3_000 } as const;

/** Time (ms) to look up the outcome of a push that was ended after an interrupt. */
const LOOK_UP_MS = 3_000;

/** What ends the work before it is done. */
export interface DeadlineTerms {
  /** The process is interrupted. */
  readonly interrupt?: AbortSignal | undefined;
  /** This caller gives up. */
  readonly givenUp?: AbortSignal | undefined;
  /** Time (ms) for the whole; undefined: no limit. */
  readonly timeoutMs?: number | undefined;
  /** The reason to give when the time has run out. */
  tooLate(): unknown;
}

/**
 * Starts a deadline that each of the terms can bring forward. With a limit, `end` comes exactly at the limit, `cut` one
 * reserve before it, and `stop` two. A reserve is a sixteenth of the limit, at least 25 ms and at most 1 s.
 */
export function startDeadline(clock: Clock, terms: DeadlineTerms): Deadline {
  const [stop, cut, end] = [new AbortController(), new AbortController(), new AbortController()];
  const closed = new AbortController();
  const at = (ms: number, then: () => void): void => {
    clock.sleep(ms, closed.signal).then(then, () => undefined);
  };
  const begin = (reason: unknown, cutMs: number, endMs: number): void => {
    if (closed.signal.aborted) return;
    stop.abort(reason);
    at(cutMs, () => cut.abort(reason));
    at(endMs, () => end.abort(reason));
  };
  const { interrupt, givenUp, timeoutMs } = terms;
  whenAborted(interrupt, closed.signal, (reason) => begin(reason, INTERRUPT_GRACE_MS, INTERRUPT_GRACE_MS + LOOK_UP_MS));
  whenAborted(givenUp, closed.signal, (reason) => begin(reason, GIVEN_UP.cutMs, GIVEN_UP.endMs));
  if (timeoutMs !== undefined) {
    const reserve = Math.min(RESERVE.most, Math.max(RESERVE.least, timeoutMs * RESERVE.share), timeoutMs / 3);
    at(timeoutMs - 2 * reserve, () => begin(terms.tooLate(), reserve, 2 * reserve));
  }
  return { stop: stop.signal, cut: cut.signal, end: end.signal, close: () => closed.abort() };
}

/**
 * Settles with the work, or rejects with the reason of `end` if that comes first. The caller must end the work itself.
 */
export function withinDeadline<T>(work: Promise<T>, end: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(end.reason);
    if (end.aborted) late();
    else end.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => end.removeEventListener('abort', late));
  });
}

function whenAborted(signal: AbortSignal | undefined, closed: AbortSignal, then: (reason: unknown) => void): void {
  if (signal === undefined) return;
  if (signal.aborted) then(signal.reason);
  else signal.addEventListener('abort', () => then(signal.reason), { once: true, signal: closed });
}
