import type { Intent } from '../domain/intent.ts';
import type { Engine, Pending, Settled, Settlement } from './engine.ts';
import type { Intake } from './intake.ts';
import { recall } from './recall.ts';
import { lookAtTip } from './tip.ts';

/** The intents of one transaction: who still waits, and what has been settled so far. */
export class Batch {
  readonly #engine: Engine;
  readonly #intake: Intake;
  readonly #startedAt: number;
  readonly #settled: Settled[] = [];
  #pending: readonly Pending[] = [];
  readonly #isOnlyOurs: () => boolean;
  #rejectedPushes = 0;
  #leave: (() => void) | undefined;

  /** @param isOnlyOurs false while somebody else may carry the intents out, as others do with a request */
  constructor(engine: Engine, intake: Intake, isOnlyOurs = (): boolean => true) {
    this.#engine = engine;
    this.#intake = intake;
    this.#isOnlyOurs = isOnlyOurs;
    this.#startedAt = engine.clock.now();
  }

  get pending(): readonly Pending[] {
    return this.#pending;
  }

  /**
   * Takes in who has arrived, answers whose intent is carried out already, and lets go of who has given up.
   * Who waits already is looked up only `now`, at the beginning of an attempt: that costs two git processes.
   */
  async join(when: 'now' | 'meanwhile' | 'last-call', tip: string): Promise<void> {
    const joining = await this.#intake.join(when === 'last-call' ? when : 'now');
    if (joining.some(({ base }) => base !== undefined)) this.#hold();
    const suspects = when === 'now' ? [...this.#pending, ...joining] : joining;
    this.#pending = [...this.#pending, ...joining];
    this.settle(await recall(this.#engine, tip, suspects));
    // Let go of too early, it would be carried out by somebody else after its caller was told that it is not.
    if (!this.#isOnlyOurs()) return;
    const dropped = this.#intake.drop();
    this.#pending = this.#pending.filter(({ intent }) => !dropped.has(intent.request));
  }

  /** Tells every caller that its intent may be carried out from now on, by us or by others. */
  announce(base: string): Promise<void> {
    return this.#intake.announce(base);
  }

  /** From here on the pending intents may have been carried out; a base that is known already stays as it is. */
  suspect(base: string): void {
    this.#hold();
    this.#pending = this.#pending.map((pending) => ({ intent: pending.intent, base: pending.base ?? base }));
  }

  settle(answers: readonly Settled[]): void {
    const waiting = new Set(this.#pending.map(({ intent }) => intent.request));
    const ours = answers.filter(({ intent }) => waiting.has(intent.request));
    this.#settled.push(...ours);
    const requests = new Set(ours.map(({ intent }) => intent.request));
    this.#pending = this.#pending.filter(({ intent }) => !requests.has(intent.request));
  }

  /**
   * The batch fails, or is interrupted: before that is said, what may have been carried out is looked up for a last time.
   * @returns the settlement of what was
   * @throws the error where nothing was, or where the remote cannot tell
   */
  async lastWord(error: unknown, attempts: number): Promise<Settlement> {
    if (this.#pending.some(({ base }) => base !== undefined)) {
      const resolve = async (): Promise<void> => {
        const { tip } = await lookAtTip(this.#engine);
        this.settle(await recall(this.#engine, tip, this.#pending));
      };
      await this.#engine.critical.run(resolve).catch(() => undefined);
    }
    if (this.#settled.length === 0) throw error;
    return this.settlement(attempts);
  }

  /** Nothing more is done for this batch. */
  close(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  async noteRejection(attempt: number, words: string): Promise<void> {
    this.#rejectedPushes++;
    await this.#engine.rejections.note('rejected');
    this.#engine.onEvent({ kind: 'rejected', attempt, words });
  }

  settlement(attempts: number): Settlement {
    const { backoff, rejections } = this.#engine;
    return {
      settled: this.#settled,
      attempts,
      rejectedPushes: this.#rejectedPushes,
      backoffBaseMs: rejections.adapt(backoff).baseMs,
    };
  }

  /** From now on an interrupt may not kill git at once: what was carried out must be found out, and given back. */
  #hold(): void {
    this.#leave ??= this.#engine.critical.enter();
  }

  /** The pending intents, each with the number of this attempt and the time its caller has waited. */
  numbered(attempt: number): Intent[] {
    return this.#pending.map(({ intent }) => {
      if (intent.kind !== 'claim') return intent;
      const waitedMs = intent.waitedMs + this.#engine.clock.now() - this.#startedAt;
      return { ...intent, attempt: intent.attempt + attempt - 1, waitedMs };
    });
  }
}
