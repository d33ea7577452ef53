import { type PushOutcome, type RefUpdate, wasNotSent } from '../../git/answers/push-outcome.ts';
import type { Engine, Pending } from '../base/engine.ts';
import type { RemoteAbilities } from '../transaction/abilities.ts';
import { DeletionProbe, type Made, noteDeleted } from '../transaction/deletion-probe.ts';
import type { Group } from '../transaction/group.ts';
import { recall } from '../transaction/recall.ts';
import { HELP_REFS, REQUEST_TTL_MS } from '../transaction/requests.ts';
import { type LookAtTip, lookAtTip } from '../transaction/tip.ts';
import { deletion, sweptWith } from './alongside.ts';
import { answersAmong } from './answer-ref.ts';
import { tellsOfServer, verdictOn } from './next-move.ts';
import { byBase, hadBase, isUnread, type Publication } from './publication.ts';
import { blobOfIntents } from './request-blob.ts';
import { probeRef, requestRef } from './request-ref.ts';

type NotLanded = Exclude<PushOutcome, { kind: 'landed' }>;

/** What publishing came to. */
export type PublishOutcome =
  /** All that is pending is published already. */
  | { readonly kind: 'nothing-new' }
  | { readonly kind: 'published' }
  /** The next look shows whether the refs are there. */
  | { readonly kind: 'unclear' }
  /** The intents are too long for the name of a ref. */
  | { readonly kind: 'unpublishable' }
  /** The server does not take such refs, or does not delete them, or does not show them. */
  | { readonly kind: 'refused'; readonly outcome: NotLanded | undefined }
  | { readonly kind: 'failed'; readonly outcome: Exclude<NotLanded, { kind: 'refused' }> };

/** Most pushes that delete our refs. A ref that stays is carried out by others, or lies there until it expires. */
const MOST_WITHDRAWALS = 3;

/** The requests of one group that are on the remote. */
export class Publications {
  readonly #engine: Engine;
  readonly #abilities: RemoteAbilities;
  readonly #group: Group;
  readonly #published = new Map<string, Publication>();
  /** Refs that we may have made and that no look has shown: they may still arrive. */
  readonly #lost = new Map<string, ReadonlySet<string>>();
  /** Whether a look has shown any request of ours: then the server does not hide them. */
  #isShown = false;
  /** Refs that were gone, or hidden, before a look could show them. */
  #unseen = new Map<string, ReadonlySet<string>>();
  /** What each ref that we have made points to. */
  readonly #targets = new Map<string, string>();
  #failedTries = 0;
  #lastFailure: PushOutcome | undefined;
  readonly #probe: DeletionProbe;

  constructor(engine: Engine, abilities: RemoteAbilities, group: Group) {
    this.#engine = engine;
    this.#abilities = abilities;
    this.#group = group;
    this.#probe = new DeletionProbe(abilities, () => probeRef(engine.clock.now(), engine.random.id()));
  }

  /** Names of the refs that are published, or may be. */
  get refs(): ReadonlySet<string> {
    return new Set(this.#published.keys());
  }

  /** Pending intents that no ref asks for. */
  get unasked(): readonly Pending[] {
    const asked = new Set([...this.#published.values()].flatMap(({ requests }) => [...requests]));
    return this.#group.pending.filter(({ intent }) => !asked.has(intent.request));
  }

  /** Failed tries to publish, in a row. */
  get failedTries(): number {
    return this.#failedTries;
  }

  /** The server's answer to the last failed try to publish. */
  get lastFailure(): PushOutcome | undefined {
    return this.#lastFailure;
  }

  /** Publishes what is pending and not published yet. Then anybody may carry it out, so its base is fixed first. */
  async publish(look: LookAtTip, attempt: number): Promise<PublishOutcome> {
    const { tip } = look;
    if (this.unasked.length === 0) return { kind: 'nothing-new' };
    if ((await this.#abilities.deleting()) === 'refused') return { kind: 'refused', outcome: undefined };
    if (await this.#areHidden()) return { kind: 'refused', outcome: undefined };
    await this.#group.announce(tip);
    this.#engine.signal.throwIfAborted();
    const publications = await this.#compose(tip, attempt);
    if (publications === undefined) return { kind: 'unpublishable' };
    if (publications.size === 0) return { kind: 'nothing-new' };
    for (const [ref, { requests }] of publications) this.#group.expose(ref, requests, tip);
    this.#engine.at?.('publishing');
    const { outcome, refs } = await this.#make([...publications.keys()], look);
    if (outcome.kind !== 'landed') this.#lastFailure = outcome;
    if (outcome.kind === 'landed') {
      this.#engine.at?.('published');
      for (const [ref, publication] of publications) this.#published.set(ref, publication);
      this.#failedTries = 0;
      return { kind: 'published' };
    }
    if (outcome.kind === 'refused') {
      this.#conceal(publications);
      return { kind: 'refused', outcome };
    }
    if (refs === 'sent' && verdictOn('publish', outcome) === 'look') {
      for (const [ref, { at, requests: all }] of publications) {
        this.#published.set(ref, { at, requests: all, sole: new Set(), known: 'unclear' });
      }
      return { kind: 'unclear' };
    }
    if (outcome.kind !== 'local') this.#failedTries++;
    if (wasNotSent(outcome) || refs === 'kept-back') this.#conceal(publications);
    // The connection may have been reset after the refs were made.
    else for (const [ref, { requests: all }] of publications) this.#lose(ref, all);
    return { kind: 'failed', outcome };
  }

  /** The refs that ask for pending intents not asked for yet; undefined if the intents are too long. */
  async #compose(tip: string, attempt: number): Promise<ReadonlyMap<string, Publication> | undefined> {
    const { clock, random, store } = this.#engine;
    const at = clock.now();
    const numbered = new Map(this.#group.numbered(attempt).map((intent) => [intent.request, intent]));
    const publications = new Map<string, Publication>();
    for (const [base, pendings] of byBase(this.unasked, tip)) {
      const intents = pendings.flatMap(({ intent }) => numbered.get(intent.request) ?? []);
      if (intents.length === 0) continue;
      const { ref, content } = requestRef(intents, { branchRef: store.branchRef, base, at }, random.id());
      const blob = content === 'known' ? undefined : blobOfIntents(intents);
      if (content === 'in-blob' && blob === undefined) return undefined;
      this.#targets.set(ref, blob === undefined ? store.marker() : await store.storeBlob(blob));
      const requests = new Set(intents.map(({ request }) => request));
      publications.set(ref, { at, requests, sole: hadBase(pendings) ? new Set() : requests, known: 'made' });
    }
    return publications;
  }

  #make(refs: readonly string[], look: LookAtTip): Promise<Made> {
    const { store, clock } = this.#engine;
    const updates: RefUpdate[] = refs.map((ref) => ({ ref, expected: undefined, to: this.#targetOf(ref) }));
    const [unneeded] = sweptWith(look, store.branchRef, clock.now()).over;
    return this.#probe.make(
      updates,
      (all, options) => this.#push(all, options?.atomic === true),
      unneeded === undefined ? undefined : deletion(look, unneeded),
    );
  }

  #targetOf(ref: string): string {
    return this.#targets.get(ref) ?? this.#engine.store.marker();
  }

  /** Updates that delete each of the refs as we made it. */
  #deletionsOf(refs: Iterable<string>): readonly RefUpdate[] {
    return [...refs].map((ref) => ({ ref, expected: this.#targetOf(ref), to: undefined }));
  }

  #push(updates: readonly RefUpdate[], atomic: boolean): Promise<PushOutcome> {
    const { critical, store, cut } = this.#engine;
    return this.#group.pushing(() => critical.run(() => store.push(updates, { atomic, signal: cut })));
  }

  /**
   * Finds out what became of our requests: one that is gone was carried out, or refused, or removed by mistake. The
   * commits of the branch tell. What they do not hold is decided again, with the same request id and back to the same
   * base.
   * @returns requests that are gone, not carried out, and that nobody can carry out any more: they were refused
   */
  async adopt(look: LookAtTip): Promise<ReadonlySet<string>> {
    const now = this.#engine.clock.now();
    const refused = new Set<string>();
    let isGone = false;
    let isDeleted = false;
    let isOld = false;
    for (const [ref, publication] of this.#published) {
      if (look.refs.has(ref)) {
        this.#isShown = true;
        this.#failedTries = 0;
        this.#published.set(ref, { ...publication, known: 'shown' });
        // A request is renewed while its owner lives: others drop an old one as that of a dead agent.
        isOld ||= now > publication.at + REQUEST_TTL_MS;
        continue;
      }
      if (isUnread(look, ref)) continue;
      this.#published.delete(ref);
      isGone = true;
      isDeleted ||= publication.known === 'shown';
      if (publication.known === 'unclear') {
        this.#failedTries++;
        this.#lose(ref, publication.requests);
        continue;
      }
      if (!this.#isShown) this.#unseen.set(ref, publication.requests);
      for (const request of publication.sole) refused.add(request);
      this.#group.conceal(ref, publication.requests);
    }
    if (isDeleted) await noteDeleted(this.#abilities);
    if (isOld) await this.withdraw();
    if (isGone) this.#takeAnswers(look);
    if (isGone || isOld) this.#group.settle(await recall(this.#engine, look.tip, this.#group.pending));
    if (isGone) this.#engine.at?.('adopted');
    this.#forgetServed();
    return refused;
  }

  #conceal(publications: ReadonlyMap<string, Publication>): void {
    for (const [ref, { requests }] of publications) this.#group.conceal(ref, requests);
  }

  #lose(ref: string, requests: ReadonlySet<string>): void {
    this.#lost.set(ref, requests);
    this.#group.lose(ref, requests);
  }

  /** Forgets the refs of intents that were carried out: they are not hidden, the push that did it has deleted them. */
  #forgetServed(): void {
    const pending = new Set(this.#group.pending.map(({ intent }) => intent.request));
    for (const [ref, requests] of this.#unseen) {
      if (![...requests].some((request) => pending.has(request))) this.#unseen.delete(ref);
    }
  }

  /** Settles what answer refs tell, before the history is asked, since that takes a fetch. */
  #takeAnswers({ refs, tip }: LookAtTip): void {
    const { store, onEvent } = this.#engine;
    const answers = answersAmong(refs.keys(), { branchRef: store.branchRef, tip }, this.#group.pending);
    for (const { intent } of answers) onEvent({ kind: 'resolved', request: intent.request, verdict: 'landed' });
    this.#group.settle(answers);
  }

  /** Call it for refs that our own push has deleted, or cannot delete. */
  forget(refs: readonly string[]): void {
    for (const ref of refs) {
      this.#group.conceal(ref, this.#published.get(ref)?.requests ?? []);
      this.#published.delete(ref);
    }
  }

  /**
   * Takes the requests back, each with a lease, in a limited number of tries. One that is gone already may have been
   * carried out: the history tells. Those that stay, or may still arrive, may be carried out by others: the group
   * knows.
   */
  async withdraw(): Promise<void> {
    const refs = new Map([...this.#published].map(([ref, { requests }]) => [ref, requests]));
    for (const [ref, requests] of this.#lost) refs.set(ref, requests);
    for (const ref of this.#isShown ? [] : this.#unseen.keys()) refs.set(ref, new Set());
    if (refs.size === 0) return;
    this.#engine.at?.('withdrawing');
    const readers = (await this.#abilities.canPushAtomically()) ? 'none' : 'possible';
    for (let tries = 1; ; tries++) {
      const outcome = await this.#push(this.#deletionsOf(refs.keys()), false);
      const verdict = verdictOn('withdraw', outcome);
      if (outcome.kind === 'refused') await this.noteStuck([...refs.keys()], outcome);
      if (outcome.kind === 'landed') await noteDeleted(this.#abilities);
      // A failed lease means that a ref was gone. If there are several, a look tells which.
      const there = verdict === 'look' ? await this.#areThere(refs.keys()) : verdict === 'done' ? new Set() : undefined;
      for (const [ref, requests] of there === undefined ? [] : refs) {
        if (there?.has(ref)) continue;
        // A ref that was never seen may still arrive, unless this push has deleted it.
        const isLate = this.#lost.has(ref) || this.#published.get(ref)?.known === 'unclear';
        if (verdict === 'done' || !isLate) this.#group.conceal(ref, requests, readers);
        else this.#group.lose(ref, requests);
        refs.delete(ref);
      }
      const isOver = verdict === 'done' || verdict === 'cannot' || refs.size === 0;
      const isLast = tries === MOST_WITHDRAWALS;
      if (!isOver && isLast && tellsOfServer(outcome)) await this.#noteKept(refs.keys(), outcome);
      if (isOver || isLast || this.#engine.cut.aborted) break;
    }
    this.#engine.at?.('withdrawn');
    this.#published.clear();
    this.#unseen.clear();
    this.#lost.clear();
  }

  /** Which of the refs a look shows, or has not read; undefined if the look fails. */
  async #areThere(refs: Iterable<string>): Promise<ReadonlySet<string> | undefined> {
    const look = await lookAtTip(this.#engine, HELP_REFS).catch(() => undefined);
    return look && new Set([...refs].filter((ref) => look.refs.has(ref) || isUnread(look, ref)));
  }

  /** Three deletions were answered in words that we do not know, and a look shows the refs: that was a refusal. */
  async #noteKept(refs: Iterable<string>, outcome: PushOutcome): Promise<void> {
    const kept = await this.#areThere(refs);
    if (kept !== undefined && kept.size > 0) await this.noteStuck([...kept], outcome);
  }

  /** At the end of an answered group, deletes refs that no look has shown and that may exist nevertheless. */
  async tidy(): Promise<void> {
    if (this.#lost.size > 0 || (!this.#isShown && this.#unseen.size > 0)) await this.withdraw();
  }

  /**
   * Refs of ours could not be deleted, and the user should know what is left. If that is the server's doing, no more
   * are made there. A token that has expired, or a repository that is not found just now, tells nothing about
   * deletions.
   */
  async noteStuck(refs: readonly string[], outcome: PushOutcome): Promise<void> {
    const isServer = tellsOfServer(outcome);
    if (isServer) await this.#abilities.rememberDeleting('refused');
    const words = 'words' in outcome ? outcome.words : '';
    const what = refs.length === 1 ? 'its request' : `${refs.length} requests`;
    const why = isServer ? `the remote does not let agentq delete ${what}` : `${what} could not be deleted`;
    const message = `${why} (${words}): ${refs[0]} stays there; others carry it out, or drop it after three minutes`;
    this.#engine.onEvent({ kind: 'warning', message });
  }

  /**
   * Whether the server hides our requests. One that no look has shown was carried out before we looked, or the server
   * takes such refs and shows them to nobody. If it can be deleted, it was there all the time, and would be forever.
   */
  async #areHidden(): Promise<boolean> {
    const refs = this.#isShown ? [] : [...this.#unseen.keys()];
    if (refs.length === 0) return false;
    const outcome = await this.#push(this.#deletionsOf(refs), false);
    this.#unseen.clear();
    return outcome.kind === 'landed' || outcome.kind === 'refused';
  }
}
