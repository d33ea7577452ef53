import type { Intent } from '../../domain/queue/intent.ts';
import type { Engine, Pending, Settled, Settlement } from '../base/engine.ts';
import { Doubts } from './doubts.ts';
import type { IntentSource } from './intent-source.ts';
import { recall } from './recall.ts';
import { lookAtTip } from './tip.ts';

/** The intents of one transaction: who still waits, what may have become of them, and what has been settled so far. */
export class Group {
  readonly #engine: Engine;
  readonly #source: IntentSource;
  readonly #startedAt: number;
  readonly #settled: Settled[] = [];
  readonly #doubts = new Doubts();
  #pending: readonly Pending[] = [];
  /** Intents that were handed in after the look that is decided on had begun. */
  readonly #late = new Set<string>();
  #hasJoined = false;
  #rejectedPushes = 0;
  #leave: (() => void) | undefined;

  constructor(engine: Engine, source: IntentSource) {
    this.#engine = engine;
    this.#source = source;
    this.#startedAt = engine.clock.now();
  }

  get pending(): readonly Pending[] {
    return this.#pending;
  }

  /** Whether a caller gave up and is still waiting for what became of its intent. */
  get hasGivenUp(): boolean {
    return this.#source.hasGivenUp();
  }

  /** A look begins: it shows what was on the branch after everybody who is pending had asked. */
  looking(): void {
    this.#late.clear();
  }

  /**
   * Takes in who has arrived, answers whose intent is carried out already, and lets go of who has given up.
   * Who waits already is looked up only `now`, at the beginning of an attempt: that costs two git processes.
   */
  async join(when: 'now' | 'meanwhile' | 'last-call', tip: string): Promise<void> {
    const joining = await this.#source.join(when === 'last-call' ? when : 'now');
    for (const { intent, base } of joining) {
      if (this.#hasJoined || !this.#source.wasThere(intent.request)) this.#late.add(intent.request);
      if (base === undefined) continue;
      this.#hold();
      // Whoever tried before may have pushed on any tip up to this one.
      this.#doubts.push(intent.request, tip);
    }
    this.#hasJoined = true;
    this.#pending = [...this.#pending, ...joining];
    if (when === 'now') await this.lookUp(tip);
    else this.settle(await recall(this.#engine, tip, joining));
    this.#letGo();
    this.#engine.at?.('joined');
  }

  /** Answers the intents that the branch holds at this tip already. @throws Failure where history allows no verdict. */
  async lookUp(tip: string): Promise<void> {
    this.settle(await recall(this.#engine, tip, this.#pending));
    this.#doubts.lookedUp(
      tip,
      this.#pending.map(({ intent }) => intent.request),
    );
  }

  /**
   * Tells every caller that its intent may be carried out from now on, by us or by others. Whose caller is gone and has not
   * heard of it is dropped.
   * @returns `changed` where somebody was dropped: what was decided counts no more
   */
  async announce(base: string): Promise<'told' | 'changed'> {
    const gone = await this.#source.announce(base);
    const before = this.#pending.length;
    this.#pending = this.#pending.filter(({ intent }) => !gone.has(intent.request));
    return this.#pending.length === before ? 'told' : 'changed';
  }

  /** A push on this tip may have carried the pending intents out; a base that is known already stays as it is. */
  suspect(base: string): void {
    this.#rebase(base);
    for (const { intent } of this.#pending) this.#doubts.push(intent.request, base);
  }

  /** Others can carry these out from now on: this ref, on the remote or on its way there, asks them to. */
  expose(ref: string, requests: ReadonlySet<string>, base: string): void {
    this.#rebase(base);
    for (const request of requests) this.#doubts.expose(request, ref);
  }

  /** The ref asks for these no more. Whether somebody has carried them out before, the next look-up tells. */
  conceal(ref: string, requests: Iterable<string>, readers: 'none' | 'possible' = 'none'): void {
    for (const request of requests) this.#doubts.conceal(request, ref, readers);
  }

  /** The making of a ref that asks for these was unclear, and no look has shown it. */
  lose(ref: string, requests: Iterable<string>): void {
    for (const request of requests) this.#doubts.lose(request, ref);
  }

  /** Answers who waits. A refusal says so where the intent may be carried out all the same, by a ref that is late. */
  settle(answers: readonly Settled[]): void {
    this.#answer(answers, (request) => this.#doubts.isLost(request));
  }

  #answer(answers: readonly Settled[], isOpen: (request: string) => boolean): void {
    const waiting = new Map(this.#pending.map(({ intent, base }) => [intent.request, base]));
    const ours = answers.flatMap((one): Settled[] => {
      const { request } = one.intent;
      if (!waiting.has(request)) return [];
      const base = waiting.get(request);
      return one.kind === 'refused' && base !== undefined && isOpen(request) ? [{ ...one, base }] : [one];
    });
    this.#settled.push(...ours);
    const requests = new Set(ours.map(({ intent }) => intent.request));
    this.#pending = this.#pending.filter(({ intent }) => !requests.has(intent.request));
  }

  /**
   * Answers who waits by what was decided without moving the branch. Who asked after the look had begun is not answered by
   * it: what was done meanwhile, by the very caller perhaps, is not in it. One who had been told of its claim was told that
   * it had lost it, 45 ms later. They wait for the next look. And a push that is leased on this very tip may still land,
   * with more in it than was decided here: the release, say, of the task that was claimed.
   */
  settleSeen(answers: readonly Settled[], tip: string): void {
    const seen = answers.filter(({ intent }) => !this.#late.has(intent.request));
    this.#answer(seen, (request) => this.#doubts.isLost(request) || this.#doubts.hasPushOn(request, tip));
  }

  /**
   * The same where deleting refs failed: that others' stay is nothing to whoever has none, and of whom no push may still
   * land.
   */
  settleUnasked(answers: readonly Settled[], tip: string): void {
    const certain = this.#pending.filter((pending) => this.#doubts.of(pending).base === undefined);
    const requests = new Set(certain.map(({ intent }) => intent.request));
    this.settleSeen(
      answers.filter(({ intent }) => requests.has(intent.request)),
      tip,
    );
  }

  /**
   * The group fails, or is interrupted: before that is said, what may have been carried out is looked up for a last time.
   * @returns the settlement of what was
   * @throws the error where nothing was; who waits has been told what is known of its intent
   */
  async lastWord(error: unknown, attempts: number): Promise<Settlement> {
    if (this.#pending.some(({ base }) => base !== undefined)) {
      const resolve = async (): Promise<void> => this.lookUp((await lookAtTip(this.#engine)).tip);
      await this.#engine.critical.run(resolve).catch(() => undefined);
    }
    if (this.#settled.length === 0) throw error;
    return this.settlement(attempts);
  }

  /** Nothing more is done for this group. */
  close(): void {
    this.#source.leave(this.#pending.map((pending) => this.#doubts.of(pending)));
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

  /** The pending intents, each with the number of this attempt and the time its caller has waited. */
  numbered(attempt: number): Intent[] {
    return this.#pending.map(({ intent }) => {
      if (intent.kind !== 'claim') return intent;
      const waitedMs = intent.waitedMs + this.#engine.clock.now() - this.#startedAt;
      return { ...intent, attempt: intent.attempt + attempt - 1, waitedMs };
    });
  }

  #rebase(base: string): void {
    this.#hold();
    this.#pending = this.#pending.map((pending) => ({ intent: pending.intent, base: pending.base ?? base }));
  }

  #letGo(): void {
    if (!this.#source.hasGivenUp()) return;
    const known = new Map(this.#pending.map((pending) => [pending.intent.request, pending]));
    const dropped = this.#source.drop((request) => {
      const pending = known.get(request);
      // Let go of too early, it would be carried out by somebody else after its caller was told that it is not.
      return pending === undefined || this.#doubts.isExposed(request) ? undefined : this.#doubts.of(pending);
    });
    this.#pending = this.#pending.filter(({ intent }) => !dropped.has(intent.request));
  }

  /** From now on an interrupt may not kill git at once: what was carried out must be found out, and given back. */
  #hold(): void {
    this.#leave ??= this.#engine.critical.enter();
  }
}
