import { Failure } from '../../domain/failure.ts';
import { isLostRace, type LostRace, type PushOutcome, type RefUpdate } from '../../git/push-outcome.ts';
import { Batch } from '../batch.ts';
import type { Engine, Settled, Settlement } from '../engine.ts';
import type { Intake } from '../intake.ts';
import { recall } from '../recall.ts';
import { pushFailure } from '../retryable.ts';
import { serveOnce } from '../serve.ts';
import { type LookAtTip, lookAtTip } from '../tip.ts';
import { type Attempts, concluded, pauseAfter, retrying, transact } from '../transaction.ts';
import type { RemoteAbilities } from './abilities.ts';
import { answerRefs, answerStateAt, MAX_ANSWERS } from './answer-ref.ts';
import { fulfilledAmong } from './fulfilled.ts';
import { Patience } from './patience.ts';
import { Publications } from './publications.ts';
import { refusedAt } from './refused-at.ts';
import { isExpired, isFor, isReadable, parseRequestRef, type Request } from './request-ref.ts';
import { HELP_REFS } from './requests.ts';

/** Most intents in one push (DESIGN 5). */
const MAX_HELPED = 500;

/**
 * Longest names (bytes) of the requests in one push, and of what is over in it. Each stands twice on git's command
 * line, which is limited to 1 MB on macOS and 2 MB on Linux: thousands of dead requests must not make every push fail.
 */
const MAX_NAMED = 150_000;

/**
 * Carries the intents out together with those of other machines: who loses the race publishes what it wants as a ref and
 * waits; the oldest request leads and carries everybody's out in one push. However many compete, the branch is pushed to
 * once a round, where leased retries alone cost a number of pushes that grows with the square.
 *
 * Where the server refuses custom refs it falls back to leased retries, and remembers.
 */
export async function help(engine: Engine, abilities: RemoteAbilities, intake: Intake): Promise<Settlement> {
  const isPossible = await abilities.canPublish();
  return isPossible ? new Helping(engine, abilities, intake).run() : transact(engine, intake);
}

class Helping implements Attempts<Settlement> {
  readonly #engine: Engine;
  readonly #abilities: RemoteAbilities;
  readonly #batch: Batch;
  readonly #patience: Patience;
  readonly #publications: Publications;
  #publishing: 'possible' | 'refused' = 'possible';
  #attempts = 0;
  /** Pushes of ours that lost a race and are not among the attempts that `retrying` counts: they cost no new attempt. */
  #lost = 0;
  #noteProgress = (): void => undefined;
  /** Until then (clock of the engine, ms) others may lead, and we do not. */
  #leadFrom = 0;

  constructor(engine: Engine, abilities: RemoteAbilities, intake: Intake) {
    this.#engine = engine;
    this.#abilities = abilities;
    this.#batch = new Batch(engine, intake, () => this.#publications.refs.size === 0);
    this.#patience = new Patience(engine);
    this.#publications = new Publications(engine, this.#batch);
  }

  run(): Promise<Settlement> {
    return retrying(this.#engine, this)
      .catch((error: unknown) => this.#giveUp(error))
      .finally(() => this.#batch.close());
  }

  async attempt(number: number, noteProgress: () => void): Promise<Settlement> {
    this.#noteProgress = noteProgress;
    for (;;) {
      const tried = number + this.#lost;
      this.#attempts = tried;
      this.#engine.signal.throwIfAborted();
      const look = await this.#look();
      const isWaiting = this.#publications.refs.size > 0;
      const refused = isWaiting ? await this.#publications.adopt(look) : new Set<string>();
      await this.#batch.join(isWaiting ? 'meanwhile' : 'now', look.tip);
      await this.#settleRefused(refused, look.tip, tried);
      if (this.#batch.pending.length === 0) return this.#batch.settlement(tried);

      const requests = this.#requestsIn(look);
      if (isWaiting) await this.#waitOrLead(look, requests, tried);
      else if (this.#publishing === 'refused' || (!requests.some(isReadable) && !this.#isCrowded())) {
        const outcome = await this.#serve(look, [], tried);
        if (!isLostRace(outcome) || this.#publishing !== 'possible') {
          return concluded(this.#engine, this.#batch, outcome, tried);
        }
        // Lost the race: publish right away, and race no more.
        this.#countLost(outcome);
        await this.#publish(look.tip, number + this.#lost);
      } else {
        // Others were first: to push now would only make whoever leads them lose its race.
        await this.#publish(look.tip, tried);
        if (this.#publications.refs.size > 0) await this.#patience.wait(requests.length, this.#engine.signal);
      }
      if (this.#batch.pending.length === 0) return this.#batch.settlement(tried);
    }
  }

  /**
   * Whether somebody else's push is likely to fall between our look and ours: on a machine this busy both take long. Of
   * 100 agents that started at once on 2 cores, each a machine of its own, 63 lost their first push without this rule,
   * none with it. Where intents of this machine came together already, those it is busy with are in this very batch.
   */
  #isCrowded(): boolean {
    return this.#engine.host === 'crowded' && this.#batch.pending.length === 1;
  }

  /**
   * Answers those of the requests that a leader refused for which there is still nothing to be done. Published again, they
   * would only be refused again, and one machine a round would find out by leading: of 1,000 agents on 100 machines for
   * 100 tasks, the last was told after 4 minutes and 3,300 pushes. A leader of a server that cannot push all or nothing
   * may carry out what it has read although the ref is gone: there the slow way stays.
   */
  async #settleRefused(refused: ReadonlySet<string>, tip: string, number: number): Promise<void> {
    const intents = this.#batch.numbered(number).filter(({ request }) => refused.has(request));
    if (intents.length === 0 || !(await this.#abilities.canPushAtomically())) return;
    this.#batch.settle(await refusedAt(this.#engine, tip, intents));
  }

  #look(): Promise<LookAtTip> {
    return this.#patience.timed(() => lookAtTip(this.#engine, HELP_REFS));
  }

  /** All that is asked for on this branch, in order of arrival. */
  #requestsIn(look: LookAtTip): readonly Request[] {
    const { clock, store } = this.#engine;
    const now = clock.now();
    return [...look.refs.keys()]
      .flatMap((ref) => parseRequestRef(ref) ?? [])
      .filter(isFor(store.branchRef))
      .filter((request) => !isExpired(request, now))
      .sort((a, b) => (a.ref < b.ref ? -1 : 1));
  }

  async #waitOrLead(look: LookAtTip, requests: readonly Request[], number: number): Promise<void> {
    const { refs } = this.#publications;
    const isOurTurn = this.#patience.isOurTurn(requests, (request) => refs.has(request.ref), look.tip);
    if (isOurTurn && this.#engine.clock.now() >= this.#leadFrom) {
      // Our own may have been carried out by a leader that died right after its push.
      this.#batch.settle(await recall(this.#engine, look.tip, this.#batch.pending));
      const outcome = await this.#serve(look, requests.filter(isReadable), number);
      if (outcome.kind === 'landed') return;
      if (outcome.kind !== 'rejected') await concluded(this.#engine, this.#batch, outcome, number);
      else this.#countLost(outcome);
      this.#patience.noteProgress();
    } else await this.#publish(look.tip, number);
    await this.#patience.wait(requests.length, this.#engine.signal);
  }

  /**
   * Whoever pushes past us again and again, and asks nobody (an old agent, a person), would keep us here for ever. Between
   * such pushes we back off like anybody: without it, two old agents that push every 150 ms in step with our looks won
   * nine times in a row in 1.5 s, in 8 of 50 runs.
   * @throws Failure `retries-exhausted` where no retry is left, which ends the tries.
   */
  #countLost(outcome: LostRace): void {
    this.#noteProgress();
    this.#lost++;
    const failure = pushFailure(outcome, this.#lost);
    if (this.#lost > this.#engine.maxRetries) {
      const { code, message, hint } = failure;
      throw new Failure(code, message, hint === undefined ? {} : { hint });
    }
    // The first loss costs no time: it is what makes us publish, and then somebody else may well carry it out.
    if (this.#lost === 1) return;
    this.#leadFrom = this.#engine.clock.now() + pauseAfter(this.#engine, this.#lost, failure, this.#lost - 2);
  }

  async #publish(tip: string, number: number): Promise<void> {
    const publishing = this.#publications.publish(tip, number);
    const outcome = await this.#patience.timedPush(publishing, ({ kind }) => kind === 'published');
    switch (outcome.kind) {
      // Not a sign of life of whoever should lead: a silent one would never be taken over from.
      case 'nothing-new':
        return;
      case 'published':
        this.#patience.noteProgress();
        return;
      case 'unpublishable':
        this.#publishing = 'refused';
        return;
      case 'refused':
        this.#publishing = 'refused';
        return this.#abilities.rememberNoPublishing();
      case 'failed':
        throw pushFailure(outcome.outcome, number);
    }
  }

  /** Pushes our own intents and, when we lead, everybody's; expired requests of the dead go with it. */
  async #serve(look: LookAtTip, requests: readonly Request[], number: number): Promise<PushOutcome> {
    const { store, clock } = this.#engine;
    const served = upTo(MAX_HELPED, requests);
    const { fulfilled, unproven } = await fulfilledAmong(store, look.tip, served);
    const helped = served.filter((request) => !unproven.has(request.ref));
    const intents = helped.flatMap((request) => request.intents ?? []).filter(({ request }) => !fulfilled.has(request));
    // Beside what is served: requests of the dead, and answers that count no more, or that this push replaces.
    const now = clock.now();
    const stateOf = answerStateAt({ branchRef: store.branchRef, tip: look.tip, at: now });
    const over = named(look, MAX_NAMED, (ref) => {
      const request = parseRequestRef(ref);
      return request === undefined ? stateOf(ref) === 'over' : isExpired(request, now);
    });
    const replaced = named(look, MAX_ANSWERS, (ref) => stateOf(ref) === 'counts').map((ref) => deletion(look, ref));
    const deletions = [...helped.map(({ ref }) => ref), ...over].map((ref) => deletion(look, ref));
    const atomic = await this.#abilities.canPushAtomically();
    const outcome = await serveOnce(this.#engine, this.#batch, look.tip, number, {
      helped: intents,
      deletions,
      atomic,
      replaced,
      answers: (settled, tip) => this.#answers(settled, tip),
    });
    if (outcome.kind === 'landed') this.#publications.forget(deletions.map(({ ref }) => ref));
    if (outcome.kind !== 'refused' || deletions.length + replaced.length === 0) return outcome;
    if (outcome.reason === 'no-atomic') {
      await this.#abilities.rememberNoAtomic();
      return this.#serve(look, requests, number);
    }
    // It may be the deletions that the server does not want: what is ours must not fail for them.
    const alone = await serveOnce(this.#engine, this.#batch, look.tip, number);
    if (alone.kind === 'landed') await this.#tryDeleting([...this.#publications.refs, ...over], look);
    return alone;
  }

  /** What those are left who asked for help with it. */
  #answers(settled: readonly Settled[], tip: string): readonly RefUpdate[] {
    const { store, clock } = this.#engine;
    const own = new Set(this.#batch.pending.map(({ intent }) => intent.request));
    const others = settled.filter(({ intent }) => !own.has(intent.request));
    const refs = answerRefs(others, { branchRef: store.branchRef, tip, at: clock.now() });
    return refs.map((ref) => ({ ref, expected: undefined, to: store.marker() }));
  }

  /** Where requests cannot be deleted, it is better to publish none. Only those are tried that nobody needs any more. */
  async #tryDeleting(refs: readonly string[], look: LookAtTip): Promise<void> {
    const there = refs.filter((ref) => look.refs.has(ref));
    if (there.length === 0) return;
    const { critical, store } = this.#engine;
    const outcome = await critical.run(() => store.push(there.map((ref) => deletion(look, ref))));
    if (outcome.kind === 'refused') await this.#abilities.rememberNoPublishing();
    this.#publications.forget(there);
  }

  /**
   * Interrupted, or failed: takes back what is published, for nobody is to carry out later what its caller was told has
   * failed. What was carried out before that is an answer all the same.
   */
  async #giveUp(error: unknown): Promise<Settlement> {
    await this.#publications.withdraw().catch(() => undefined);
    return this.#batch.lastWord(error, this.#attempts);
  }
}

/** Refs of such a kind, as many as have so long names (bytes) together. */
function named({ refs }: LookAtTip, limit: number, isSuch: (ref: string) => boolean): readonly string[] {
  let bytes = 0;
  return [...refs.keys()].filter((ref) => {
    if (!isSuch(ref)) return false;
    bytes += ref.length;
    return bytes <= limit;
  });
}

function deletion({ refs }: LookAtTip, ref: string): RefUpdate {
  return { ref, expected: refs.get(ref), to: undefined };
}

/** The oldest requests with so many intents together, and names that fit one push; at least one. */
function upTo(limit: number, requests: readonly Request[]): readonly Request[] {
  let intents = 0;
  let bytes = 0;
  return requests.filter((request, index) => {
    intents += request.intents?.length ?? 0;
    bytes += request.ref.length;
    return index === 0 || (intents <= limit && bytes <= MAX_NAMED);
  });
}
