/** Time and chance come from outside, so that races are table tests and simulations are repeatable. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since the machine started, which nobody can set; undefined or absent if the machine does not tell. */
  sinceStart?(): number | undefined;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Randomness {
  /** Uniform in [0, 1). */
  next(): number;
  /** Unguessable and unique: 16 lower-case letters and digits, starting with a letter (so TOON never needs quotes). */
  id(): string;
}

/** ISO 8601 UTC in whole seconds, as task files carry it. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A time (ms since the epoch) as answers show it; null: it is not known. */
export function timeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : isoSeconds(ms);
}
