import { approximateDuration } from '../../../domain/base/duration.ts';
import { CHECK_IDS, type CheckId, undone, type Verdict } from '../../../domain/health/check.ts';
import { withinDeadline } from '../../../engine/base/deadline.ts';
import type { CheckView } from './result.ts';

/** How long (ms) one check may take. */
const CHECK_LIMIT_MS = 30_000;

/** What a check may do with its time. */
export interface CheckTerms {
  readonly limitMs?: number;
  /** `by-itself`: the work ends soon after its signal, and is waited for, since it has something to clean up. */
  readonly ends?: 'by-itself' | 'at-once';
  /** Time (ms) that it needs after its signal. */
  readonly reserveMs?: number;
}

interface Done extends Verdict {
  readonly fixed: readonly string[];
  readonly elapsedMs: number;
}

/** Does the checks one after another, each within its time, and keeps what they found. */
export class Checkup {
  readonly #interrupt: AbortSignal;
  readonly #endsAt: number;
  readonly #done = new Map<CheckId, Done>();

  /** @param timeoutMs for everything; undefined: only each check has its limit */
  constructor(interrupt: AbortSignal, timeoutMs: number | undefined) {
    this.#interrupt = interrupt;
    this.#endsAt = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  }

  /** Does a check. A failure of its own means that it could not be done. @throws the reason of an interrupt */
  async check(
    id: CheckId,
    work: (signal: AbortSignal) => Promise<Verdict> | Verdict,
    terms?: CheckTerms,
  ): Promise<void> {
    const before = performance.now();
    const found = await this.attempt(async (signal) => work(signal), terms);
    this.note(id, typeof found === 'string' ? undone(found) : found, performance.now() - before);
  }

  /**
   * Does work that several checks need. @returns why it could not be done, as text @throws the reason of an interrupt
   */
  async attempt<T extends object>(
    work: (signal: AbortSignal) => Promise<T>,
    { limitMs = CHECK_LIMIT_MS, ends = 'at-once', reserveMs = 0 }: CheckTerms = {},
  ): Promise<T | string> {
    this.#interrupt.throwIfAborted();
    const leftMs = this.#endsAt - performance.now() - reserveMs;
    if (leftMs <= 0) return 'the time limit (--timeout) has run out';
    const allowedMs = Math.min(limitMs, leftMs);
    const late = AbortSignal.timeout(Math.ceil(allowedMs));
    const signal = AbortSignal.any([late, this.#interrupt]);
    try {
      return await (ends === 'at-once' ? withinDeadline(work(signal), signal) : work(signal));
    } catch (error) {
      this.#interrupt.throwIfAborted();
      if (late.aborted) return `it took longer than ${approximateDuration(allowedMs)}`;
      return error instanceof Error && error.message !== '' ? error.message : String(error);
    }
  }

  /** Keeps what a check has found. What `--fix` does about it may replace it later. */
  note(id: CheckId, verdict: Verdict, elapsedMs = 0, fixed: readonly string[] = []): void {
    const before = this.#done.get(id);
    this.#done.set(id, { ...verdict, fixed, elapsedMs: Math.round(elapsedMs + (before?.elapsedMs ?? 0)) });
  }

  /** Says why the checks that are still missing were not done. The first reason counts. */
  rest(why: string): void {
    for (const id of CHECK_IDS) if (!this.#done.has(id)) this.note(id, undone(why));
  }

  has(id: CheckId): boolean {
    return this.#done.has(id);
  }

  /** The checks that were noted, in the order of the list. */
  views(): readonly CheckView[] {
    return CHECK_IDS.flatMap((id): CheckView[] => {
      const done = this.#done.get(id);
      if (done === undefined) return [];
      const { level, message, advice = null, how, fixed, elapsedMs } = done;
      return [{ id, level, message, advice, done: how !== 'not-done', fixed, elapsedMs }];
    });
  }
}
