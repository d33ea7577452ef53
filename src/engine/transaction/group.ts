import type { Intent } from '../../domain/intents/intent.ts';
import type { PushOutcome } from '../../git/answers/push-outcome.ts';
import type { Engine, Pending, Settled, Settlement } from '../base/engine.ts';
import { Doubts } from './doubts.ts';
import type { IntentSource } from './intent-source.ts';
import { recall } from './recall.ts';
import { lookAtTip } from './tip.ts';
import { Turns } from './turns.ts';

/** The intents of one transaction: which are pending, what may have become of them, and which are settled. */
export class Group {
  readonly turns = new Turns();
  readonly #engine: Engine;
  readonly #source: IntentSource;
  readonly #startedAt: number;
  readonly #settled: Settled[] = [];
  readonly #doubts = new Doubts();
  #pending: readonly Pending[] = [];
  /** Intents that were handed in after the current look had begun. */
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

  /** Whether a caller gave up and still waits to hear what became of its intent. */
  get hasGivenUp(): boolean {
    return this.#source.hasGivenUp();
  }

  /** A look begins: it shows the branch as it was after all pending intents had been handed in. */
  looking(): void {
    this.#late.clear();
  }

  /**
   * Takes in new intents, answers those that are carried out already, and drops those whose callers gave up. Intents
   * that were pending before are looked up only `now`, at the beginning of an attempt: that costs two git processes.
   */
  async join(when: 'now' | 'meanwhile' | 'last-call', tip: string): Promise<void> {
    const joining = await this.#source.join(when === 'last-call' ? when : 'now');
    for (const { intent, base, leased } of joining) {
      if (this.#hasJoined || !this.#source.wasThere(intent.request)) this.#late.add(intent.request);
      if (base === undefined) continue;
      this.#hold();
      // An earlier try may have pushed on any tip up to this one.
      for (const doubtful of leased ?? [tip]) this.#doubts.push(intent.request, doubtful);
    }
    this.#hasJoined = true;
    this.#pending = [...this.#pending, ...joining];
    if (when === 'now') await this.lookUp(tip);
    else this.settle(await recall(this.#engine, tip, joining));
    this.#letGo();
    this.#engine.at?.('joined');
  }

  /** Answers the intents that the branch already holds at this tip. @throws Failure if history allows no verdict */
  async lookUp(tip: string): Promise<void> {
    this.settle(await recall(this.#engine, tip, this.#pending));
    this.#doubts.lookedUp(
      tip,
      this.#pending.map(({ intent }) => intent.request),
    );
  }

  /**
   * Tells every caller that its intent may be carried out from now on, by us or by others. Drops intents whose callers
   * are gone and have not heard it.
   * @returns `changed` if an intent was dropped: the decision does not count any more
   */
  async announce(base: string): Promise<'told' | 'changed'> {
    const gone = await this.#source.announce(base);
    const before = this.#pending.length;
    this.#pending = this.#pending.filter(({ intent }) => !gone.has(intent.request));
    return this.#pending.length === before ? 'told' : 'changed';
  }

  /** Pushes, and lets the source know for how long. */
  async pushing(push: () => Promise<PushOutcome>): Promise<PushOutcome> {
    const ended = this.#source.pushing?.();
    try {
      return await push();
    } finally {
      ended?.();
    }
  }

  /** A push on this tip may have carried out the pending intents. A base that is known already stays as it is. */
  suspect(base: string): void {
    this.#rebase(base);
    for (const { intent } of this.#pending) this.#doubts.push(intent.request, base);
  }

  /** Others can carry these out from now on: this ref, on the remote or on its way there, asks them to. */
  expose(ref: string, requests: ReadonlySet<string>, base: string): void {
    this.#rebase(base);
    for (const request of requests) this.#doubts.expose(request, ref);
  }

  /** The ref does not ask for these any more. The next look-up tells whether others have carried them out. */
  conceal(ref: string, requests: Iterable<string>, readers: 'none' | 'possible' = 'none'): void {
    for (const request of requests) this.#doubts.conceal(request, ref, readers);
  }

  /** A ref that asks for these may have been made, but no look has shown it. */
  lose(ref: string, requests: Iterable<string>): void {
    for (const request of requests) this.#doubts.lose(request, ref);
  }

  /** Answers pending intents. A refusal keeps the base of an intent that a late ref may still get carried out. */
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
   * Answers pending intents with a decision that did not move the branch. An intent that arrived after the look had
   * begun waits for the next look, since this one does not show what was done meanwhile, perhaps by the same caller: an
   * agent that had been told about its claim was told 45 ms later that it had lost it. Also, a push that is leased on
   * this tip may still land, with more in it than was decided here, for example the release of the task that was
   * claimed.
   */
  settleSeen(answers: readonly Settled[], tip: string): void {
    const seen = answers.filter(({ intent }) => !this.#late.has(intent.request));
    this.#answer(seen, (request) => this.#doubts.isLost(request) || this.#doubts.hasPushOn(request, tip));
  }

  /**
   * The same after refs could not be deleted. It answers only intents without a base: no ref of theirs remains, and no
   * push of theirs may still land.
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
   * The group fails or is interrupted. Before it says so, it looks up for a last time what may have been carried out.
   * @returns the settlement of what was
   * @throws the error if nothing was; {@link close} tells what is known of the open intents
   */
  async lastWord(error: unknown, attempts: number): Promise<Settlement> {
    if (this.#pending.some(({ base }) => base !== undefined)) {
      const resolve = async (): Promise<void> => this.lookUp((await lookAtTip(this.#engine)).tip);
      await this.#engine.critical.run(resolve).catch(() => undefined);
    }
    if (this.#settled.length === 0) throw error;
    return this.settlement(attempts);
  }

  /** Nothing more is done for this group. Tells the source what is known of its open intents. */
  close(): void {
    this.#source.leave(this.#pending.map((pending) => this.#doubts.of(pending)));
    this.turns.leave();
    this.#leave?.();
    this.#leave = undefined;
  }

  async noteRejection(attempt: number, words: string): Promise<void> {
    this.#rejectedPushes++;
    await this.#engine.rejections.note('rejected', this.#engine.clock.now());
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

  /** The pending intents, each with the number of this attempt and the time that its caller has waited. */
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
      // If it were dropped too early, others would carry it out after its caller was told that it is not.
      return pending === undefined || this.#doubts.isExposed(request) ? undefined : this.#doubts.of(pending);
    });
    this.#pending = this.#pending.filter(({ intent }) => !dropped.has(intent.request));
  }

  /**
   * From now on an interrupt may not kill git at once: first we must find out what was carried out, and give it back.
   */
  #hold(): void {
    this.#leave ??= this.#engine.critical.enter();
  }
}
