import { isLostRace, type LostRace, type PushOutcome, type RefUpdate } from '../../git/answers/push-outcome.ts';
import type { Engine, Settlement } from '../base/engine.ts';
import { asFinal, pushFailure } from '../base/retryable.ts';
import type { RemoteAbilities } from '../transaction/abilities.ts';
import { noteDeleted } from '../transaction/deletion-probe.ts';
import { Group } from '../transaction/group.ts';
import type { IntentSource } from '../transaction/intent-source.ts';
import { ANSWERS, HELP_REFS } from '../transaction/requests.ts';
import { type LookAtTip, lookAtTip } from '../transaction/tip.ts';
import { type Attempts, concluded, pauseAfter, retrying, transact } from '../transaction/transaction.ts';
import { tryOnce } from '../transaction/try-once.ts';
import { answerUpdates, carriedOutAtOnce, deletion, heartbeatDeletions, requestsIn, sweptWith } from './alongside.ts';
import { fulfilledAmong } from './fulfilled.ts';
import { MOST_FAILED_PUBLISHING, nextMove, type Seen, type Standing, tellsOfServer, verdictOn } from './next-move.ts';
import { Polling } from './polling.ts';
import { Publications } from './publications.ts';
import { refusedAt } from './refused-at.ts';
import { readIn, withContents } from './request-blob.ts';
import { isReadable, type Request } from './request-ref.ts';
import { StuckLeader } from './stuck-leader.ts';
import { VanishedRequests } from './vanished-requests.ts';

/**
 * Carries the intents out together with those of other machines. A machine that loses the race publishes its intents as
 * a ref and waits. The machine with the oldest request leads, and carries out everybody's intents in one push. However
 * many compete, each round costs one push to the branch. With leased retries alone, the number of pushes grows with the
 * square. If the server refuses custom refs, it falls back to leased retries, and remembers that.
 */
export async function help(engine: Engine, abilities: RemoteAbilities, source: IntentSource): Promise<Settlement> {
  const isPossible = (await abilities.canPublish()) && (await abilities.deleting()) !== 'refused';
  return isPossible ? new Helping(engine, abilities, source).run() : transact(engine, source);
}

class Helping implements Attempts<Settlement> {
  readonly #engine: Engine;
  readonly #abilities: RemoteAbilities;
  readonly #group: Group;
  readonly #polling: Polling;
  readonly #publications: Publications;
  readonly #stuckLeader: StuckLeader;
  #publishing: Standing['publishing'] = 'possible';
  #attempts = 0;
  /** Pushes of ours that lost a race and that `retrying` does not count as attempts. */
  #lost = 0;
  readonly #vanished: VanishedRequests;
  #noteProgress = (): void => undefined;
  #leadFrom = 0;
  /** Whether a push failed that also deleted unneeded refs. */
  #isSweepingInTheWay = false;

  constructor(engine: Engine, abilities: RemoteAbilities, source: IntentSource) {
    this.#engine = engine;
    this.#abilities = abilities;
    this.#group = new Group(engine, source);
    this.#polling = new Polling(engine);
    this.#publications = new Publications(engine, abilities, this.#group);
    this.#stuckLeader = new StuckLeader(engine);
    this.#vanished = new VanishedRequests(engine);
  }

  run(): Promise<Settlement> {
    return retrying(this.#engine, this)
      .then(async (settlement) => {
        await this.#publications.tidy().catch(() => undefined);
        return settlement;
      })
      .catch((error: unknown) => this.#giveUp(error))
      .finally(() => this.#group.close());
  }

  async attempt(number: number, noteProgress: () => void): Promise<Settlement> {
    this.#noteProgress = noteProgress;
    for (;;) {
      const tried = number + this.#lost;
      this.#attempts = tried;
      this.#engine.signal.throwIfAborted();
      // Others must not carry out an intent that was given up: the refs that ask for it go first.
      if (this.#group.hasGivenUp) await this.#publications.withdraw();
      this.#group.looking();
      const isWaiting = this.#publications.refs.size > 0;
      // While we wait, most looks are followed by another one.
      const look = await this.#polling.timed(() => lookAtTip(this.#engine, HELP_REFS, !isWaiting));
      const refused = isWaiting ? await this.#publications.adopt(look) : new Set<string>();
      await this.#group.join(isWaiting ? 'meanwhile' : 'now', look.tip);
      await this.#settleRefused(refused, look.tip, tried);
      if (this.#group.pending.length === 0) return this.#group.settlement(tried);
      await this.#noteFailedPublishing();

      const requests = this.#requestsIn(look);
      if (await this.#stuckLeader.isAhead(look, requests, this.#publications.refs)) {
        this.#publishing = 'impossible';
        await this.#publications.withdraw();
        continue;
      }
      const concludedNow = await this.#act(look, requests, number);
      if (concludedNow !== undefined) return concludedNow;
      if (this.#group.pending.length === 0) return this.#group.settlement(tried);
    }
  }

  #requestsIn(look: LookAtTip): readonly Request[] {
    const { store, clock } = this.#engine;
    return readIn(this.#engine, requestsIn(look, store.branchRef, clock.now()));
  }

  /** Does what {@link nextMove} says. @returns the settlement if this was the end */
  async #act(look: LookAtTip, requests: readonly Request[], number: number): Promise<Settlement | undefined> {
    const { signal, clock } = this.#engine;
    for (let race: Seen['race'] = 'open'; ; race = 'lost') {
      const tried = number + this.#lost;
      const move = nextMove(this.#standing(), this.#seen(look, requests, race), clock.now());
      switch (move.kind) {
        case 'race': {
          const outcome = await this.#pushFor(look, [], tried);
          const isLost = verdictOn('race', outcome) === 'lost' && isLostRace(outcome);
          if (!isLost || this.#publishing === 'impossible') {
            const settlement = concluded(this.#group, outcome, tried);
            return this.#group.pending.length === 0 ? settlement : undefined;
          }
          // Lost the race: publish right away, and race no more.
          this.#countLost(outcome);
          continue;
        }
        case 'lead':
          if ((await this.#lead(look, requests, tried)) === 'done') return undefined;
          break;
        case 'publish':
          await this.#publish(look, tried);
          if (move.next === 'look' || this.#publications.refs.size === 0) return undefined;
          break;
        case 'wait':
          break;
      }
      this.#engine.at?.('waiting');
      await this.#polling.wait(requests.length, signal);
      return undefined;
    }
  }

  #standing(): Standing {
    return {
      publishing: this.#publishing,
      asks: this.#publications.refs.size > 0 ? 'yes' : 'no',
      pending: this.#group.pending.length,
      unasked: this.#publications.unasked.length,
      rivals: this.#engine.rejections.rivals(this.#engine.clock.now()),
      leadFrom: this.#leadFrom,
    };
  }

  #seen(look: LookAtTip, requests: readonly Request[], race: Seen['race']): Seen {
    const { refs } = this.#publications;
    if (refs.size === 0) return { others: requests.some(isReadable) ? 1 : 0, turn: 'nobody', race };
    const isOurTurn = this.#polling.isOurTurn(requests, (request) => refs.has(request.ref), look.tip);
    return { others: requests.length, turn: isOurTurn ? 'ours' : 'theirs', race };
  }

  async #lead(look: LookAtTip, requests: readonly Request[], number: number): Promise<'done' | 'lost'> {
    this.#engine.at?.('leading');
    // A leader that died right after its push may have carried out our own intents.
    await this.#group.lookUp(look.tip);
    const outcome = await this.#pushFor(look, requests.filter(isReadable), number);
    const verdict = verdictOn('lead', outcome);
    if (verdict === 'done') return 'done';
    if (verdict !== 'lost' || !isLostRace(outcome)) concluded(this.#group, outcome, number);
    else this.#countLost(outcome);
    this.#polling.noteProgress();
    return 'lost';
  }

  /**
   * Answers the requests that a leader refused and for which there is still nothing to do. If they were published
   * again, they would only be refused again, and one machine per round would find out by leading: of 1,000 agents on
   * 100 machines for 100 tasks, the last was told after 4 minutes and 3,300 pushes. On a server that cannot push
   * atomically, a leader may carry out a request that it has read although the ref is gone: there the slow way stays.
   */
  async #settleRefused(refused: ReadonlySet<string>, tip: string, number: number): Promise<void> {
    const intents = this.#group.numbered(number).filter(({ request }) => refused.has(request));
    if (intents.length === 0 || !(await this.#abilities.canPushAtomically())) return;
    this.#group.settle(await refusedAt(this.#engine, tip, intents));
  }

  /**
   * An old agent or a person who pushes past us again and again without asking would keep us here forever. Between
   * such pushes we back off like anybody else: without it, two old agents that pushed every 150 ms in step with our
   * looks won nine times in a row in 1.5 s, in 8 of 50 runs.
   * @throws Failure `retries-exhausted` if no retry is left, which ends the tries
   */
  #countLost(outcome: LostRace): void {
    this.#noteProgress();
    this.#lost++;
    const failure = pushFailure(outcome, this.#lost);
    if (this.#lost > this.#engine.maxRetries) throw asFinal(failure);
    // The first loss costs no time: it makes us publish, and then another machine may well carry the intents out.
    if (this.#lost === 1) return;
    this.#leadFrom = this.#engine.clock.now() + pauseAfter(this.#engine, this.#lost, failure, this.#lost - 2);
  }

  async #publish(look: LookAtTip, number: number): Promise<void> {
    this.#vanished.notePublished(this.#publications.unasked);
    const publishing = this.#publications.publish(look, number);
    const outcome = await this.#polling.timedPush(publishing, ({ kind }) => kind === 'published');
    switch (outcome.kind) {
      // This is no sign of life from the machine that should lead: else nobody would ever take over from a silent one.
      case 'nothing-new':
        return;
      case 'published':
      case 'unclear':
        this.#polling.noteProgress();
        return;
      case 'unpublishable':
        this.#publishing = 'impossible';
        return;
      case 'refused':
        this.#publishing = 'impossible';
        if (tellsOfServer(outcome.outcome)) await this.#abilities.rememberNoPublishing();
        return;
      case 'failed':
        throw pushFailure(outcome.outcome, number);
    }
  }

  /** After several failed tries in a row, takes the server for one on which nobody can publish. */
  async #noteFailedPublishing(): Promise<void> {
    if (this.#publishing === 'impossible' || this.#publications.failedTries < MOST_FAILED_PUBLISHING) return;
    this.#publishing = 'impossible';
    if (tellsOfServer(this.#publications.lastFailure)) await this.#abilities.rememberNoPublishing();
    this.#engine.onEvent({
      kind: 'warning',
      message: `other machines cannot be asked for help on this remote: ${MOST_FAILED_PUBLISHING} tries failed; going on with retries`,
    });
  }

  /** Pushes our own intents and, when we lead, everybody's. The same push deletes expired requests. */
  async #pushFor(look: LookAtTip, requests: readonly Request[], number: number): Promise<PushOutcome> {
    const { store, clock } = this.#engine;
    const read = await withContents(this.#engine, look, carriedOutAtOnce(requests));
    const wanted = carriedOutAtOnce(read.filter(isReadable));
    const { fulfilled, unproven } = await fulfilledAmong(store, look.tip, wanted);
    const helped = wanted.filter((request) => !unproven.has(request.ref));
    const intents = helped.flatMap((request) => request.intents ?? []).filter(({ request }) => !fulfilled.has(request));
    const mayDelete = !this.#isSweepingInTheWay && (await this.#abilities.deleting()) !== 'refused';
    const { over, replaced } = mayDelete ? sweptWith(look, store.branchRef, clock.now()) : { over: [], replaced: [] };
    const mayAnswer = await this.#abilities.canLeaveAnswers();
    const deletions = [...helped.map(({ ref }) => ref), ...over].map((ref) => deletion(look, ref));
    const atomic = await this.#abilities.canPushAtomically();
    let unneeded: readonly RefUpdate[] = [];
    const outcome = await tryOnce(this.#engine, this.#group, look.tip, number, {
      helped: intents,
      deletions,
      atomic,
      replaced: replaced.map((ref) => deletion(look, ref)),
      unneeded: (ended) => {
        unneeded = mayDelete ? heartbeatDeletions(look, store.branchRef, ended) : [];
        return unneeded;
      },
      answers: (settled, tip) => (mayAnswer ? answerUpdates(this.#engine, this.#group, settled, tip) : []),
    });
    if (this.#group.turns.isKept) return this.#pushAnew(requests, number);
    // Anybody deletes unneeded refs, but never at the cost of an intent.
    const swept = [...over, ...unneeded.map(({ ref }) => ref)];
    if (verdictOn('lead', outcome) === 'failed-try') this.#isSweepingInTheWay = swept.length + replaced.length > 0;
    if (outcome.kind === 'landed') {
      // Without atomic pushes, the branch landed, and the deletions went with a push of their own.
      if (atomic && deletions.length + unneeded.length > 0) await noteDeleted(this.#abilities);
      this.#publications.forget(deletions.map(({ ref }) => ref));
    }
    if (outcome.kind !== 'refused' || deletions.length + replaced.length + unneeded.length === 0) return outcome;
    if (outcome.reason === 'no-atomic') {
      await this.#abilities.rememberNoAtomic();
      return this.#pushFor(look, requests, number);
    }
    if (mayAnswer && outcome.refs?.every((ref) => ref.startsWith(ANSWERS)) === true) {
      await this.#abilities.rememberNoAnswers();
      return this.#pushFor(look, requests, number);
    }
    // Perhaps the server refuses only the deletions: our own intents must not fail because of them.
    const alone = await tryOnce(this.#engine, this.#group, look.tip, number);
    if (alone.kind === 'landed') await this.#tryDeleting([...this.#publications.refs, ...swept], look);
    return alone;
  }

  /**
   * Decides again, on what there is now: our turn to push came late, and is kept. No request is renewed before that
   * push, since that would make it the last in the order.
   */
  async #pushAnew(requests: readonly Request[], number: number): Promise<PushOutcome> {
    this.#group.looking();
    const look = await this.#polling.timed(() => lookAtTip(this.#engine, HELP_REFS, true));
    await this.#group.join('now', look.tip);
    if (this.#group.pending.length > 0) {
      return this.#pushFor(look, requests.length > 0 ? this.#requestsIn(look).filter(isReadable) : [], number);
    }
    this.#group.turns.leave();
    return { kind: 'landed' };
  }

  /** Finds out whether refs can be deleted, with unneeded ones only: if they cannot, it is better to make none. */
  async #tryDeleting(refs: readonly string[], look: LookAtTip): Promise<void> {
    const there = refs.filter((ref) => look.refs.has(ref));
    if (there.length === 0) return;
    const { critical, store, cut } = this.#engine;
    const updates = there.map((ref) => deletion(look, ref));
    const outcome = await critical.run(() => store.push(updates, { signal: cut }));
    if (outcome.kind === 'refused') await this.#publications.noteStuck(there, outcome);
    this.#publications.forget(there);
  }

  /**
   * After an interrupt or a failure, takes back what is published: nobody may carry out later what the caller was told
   * has failed. What was carried out before that is still an answer.
   */
  async #giveUp(error: unknown): Promise<Settlement> {
    await this.#publications.withdraw().catch(() => undefined);
    return this.#group.lastWord(error, this.#attempts);
  }
}
