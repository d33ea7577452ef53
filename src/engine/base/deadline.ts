import type { Clock } from '../../domain/base/clock.ts';
import { INTERRUPT_GRACE_MS } from './critical-section.ts';

/**
 * Until when something is worked on, as three moments. Between the first two, what is under way may still succeed; between
 * the last two, what it came to is looked up; after the last, the caller is answered with what is known.
 */
export interface Deadline {
  /** From here on nothing is begun. Its reason is what the caller is told where nothing was done. */
  readonly stop: AbortSignal;
  /** What is under way is ended: git, with its helpers. */
  readonly cut: AbortSignal;
  /** The caller is answered. */
  readonly end: AbortSignal;
  /** Stops the timers. To be called when the work is done. */
  close(): void;
}

/** The share of a limit that is kept for ending git and for looking up what it came to, and its bounds (ms). */
const RESERVE = { share: 1 / 16, least: 25, most: 1_000 } as const;

/** How long (ms) after a caller gave up the same may take: what is being pushed is worth a moment. */
const GIVEN_UP = { cutMs: 2_000, endMs: 3_000 } as const;

/** Time (ms) to look up what became of a push that was ended after an interrupt. */
const LOOK_UP_MS = 3_000;

/** What ends the work before it is done. */
export interface DeadlineTerms {
  /** The process is interrupted. */
  readonly interrupt?: AbortSignal | undefined;
  /** This caller gives up. */
  readonly givenUp?: AbortSignal | undefined;
  /** Time (ms) for the whole; undefined: no limit. */
  readonly timeoutMs?: number | undefined;
  /** What to say when the time has run out. */
  tooLate(): unknown;
}

/**
 * A deadline that all of these move forward. With a limit, `end` comes exactly at the limit, and `stop` and `cut` one and
 * two reserves before: a sixteenth of the limit, at least 25 ms and at most 1 s.
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

/** The work, or what `end` was aborted with, whichever comes first. The work goes on: whoever calls ends its processes. */
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
