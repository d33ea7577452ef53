import type { PushOutcome, RefUpdate } from '../../git/push-outcome.ts';
import type { Batch } from '../batch.ts';
import type { Engine, Pending } from '../engine.ts';
import { recall } from '../recall.ts';
import type { LookAtTip } from '../tip.ts';
import { answersAmong } from './answer-ref.ts';
import { packIntents, REQUEST_TTL_MS, requestRef } from './request-ref.ts';

/** What publishing came to. */
export type PublishOutcome =
  /** All that is pending is published already. */
  | { readonly kind: 'nothing-new' }
  | { readonly kind: 'published' }
  /** The intents are too long for the name of a ref. */
  | { readonly kind: 'unpublishable' }
  /** The server does not take such refs, or takes them and does not show them. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly outcome: Exclude<PushOutcome, { kind: 'landed' }> };

/** A request of ours on the remote. */
interface Publication {
  readonly at: number;
  readonly requests: ReadonlySet<string>;
  /** Of these, the ones that nothing but this ref could get carried out. */
  readonly sole: ReadonlySet<string>;
}

/** The requests of one batch that are on the remote. */
export class Publications {
  readonly #engine: Engine;
  readonly #batch: Batch;
  readonly #published = new Map<string, Publication>();
  /** Whether a look has shown any request of ours: then the server does not hide them. */
  #isShown = false;
  /** Refs that were gone, or hidden, before a look could show them. */
  #unseen: readonly string[] = [];

  constructor(engine: Engine, batch: Batch) {
    this.#engine = engine;
    this.#batch = batch;
  }

  /** Names of the refs. */
  get refs(): ReadonlySet<string> {
    return new Set(this.#published.keys());
  }

  /** Publishes what is pending and not published yet. From then on anybody may carry it out, so its base is fixed first. */
  async publish(tip: string, attempt: number): Promise<PublishOutcome> {
    const { clock, random, store, critical, signal } = this.#engine;
    const already = new Set([...this.#published.values()].flatMap(({ requests }) => [...requests]));
    const isNew = ({ intent }: Pending): boolean => !already.has(intent.request);
    if (!this.#batch.pending.some(isNew)) return { kind: 'nothing-new' };
    if (await this.#areHidden()) return { kind: 'refused' };

    const at = clock.now();
    const numbered = new Map(this.#batch.numbered(attempt).map((intent) => [intent.request, intent]));
    const publications = new Map<string, Publication>();
    for (const [base, pendings] of byBase(this.#batch.pending.filter(isNew), tip)) {
      const intents = pendings.flatMap(({ intent }) => numbered.get(intent.request) ?? []);
      for (const pack of packIntents(intents) ?? [undefined]) {
        const ref = pack && requestRef(pack, { branchRef: store.branchRef, base, at }, random.id());
        if (pack === undefined || ref === undefined) return { kind: 'unpublishable' };
        const requests = new Set(pack.map(({ request }) => request));
        publications.set(ref, { at, requests, sole: hadBase(pendings) ? new Set() : requests });
      }
    }
    await this.#batch.announce(tip);
    signal.throwIfAborted();
    this.#batch.suspect(tip);
    const marker = store.marker();
    const updates = [...publications.keys()].map((ref) => ({ ref, expected: undefined, to: marker }));
    const outcome = await critical.run(() => store.push(updates));
    if (outcome.kind === 'refused') return { kind: 'refused' };
    // One that may have landed is treated as one that has: the next look shows whether the refs are there.
    if (outcome.kind !== 'landed' && outcome.kind !== 'unknown') return { kind: 'failed', outcome };
    for (const [ref, publication] of publications) {
      // One whose answer was lost may yet arrive.
      const sole = outcome.kind === 'landed' ? publication.sole : new Set<string>();
      this.#published.set(ref, { ...publication, sole });
    }
    return { kind: 'published' };
  }

  /**
   * What became of our requests: one that is gone was served, or refused, or removed by somebody's mistake. The branch's
   * own commits tell; what they do not hold is decided anew, by the same request id and back to the same base.
   * @returns those that are gone, not carried out, and that nobody can carry out any more: they were refused
   */
  async adopt(look: LookAtTip): Promise<ReadonlySet<string>> {
    const now = this.#engine.clock.now();
    const refused = new Set<string>();
    let isGone = false;
    let isOld = false;
    for (const [ref, publication] of this.#published) {
      if (!look.refs.has(ref)) {
        if (!this.#isShown) this.#unseen = [...this.#unseen, ref];
        this.#published.delete(ref);
        for (const request of publication.sole) refused.add(request);
        isGone = true;
      } else {
        this.#isShown = true;
        // Renewed while its owner lives: others drop what is not, as a dead agent's.
        isOld ||= now > publication.at + REQUEST_TTL_MS;
      }
    }
    if (isOld) await this.withdraw();
    if (isGone) this.#takeAnswers(look);
    if (isGone || isOld) this.#batch.settle(await recall(this.#engine, look.tip, this.#batch.pending));
    return refused;
  }

  /** Before the history is asked, for that takes a fetch. */
  #takeAnswers({ refs, tip }: LookAtTip): void {
    const { store, onEvent } = this.#engine;
    const answers = answersAmong(refs.keys(), { branchRef: store.branchRef, tip }, this.#batch.pending);
    for (const { intent } of answers) onEvent({ kind: 'resolved', request: intent.request, verdict: 'landed' });
    this.#batch.settle(answers);
  }

  /** These refs were deleted by our own push. */
  forget(refs: readonly string[]): void {
    for (const ref of refs) this.#published.delete(ref);
  }

  /** Takes the requests back, each by a lease. One that is gone already may have been served: the history tells. */
  async withdraw(): Promise<void> {
    const { store, critical } = this.#engine;
    const refs = [...this.#published.keys(), ...(this.#isShown ? [] : this.#unseen)];
    this.#published.clear();
    this.#unseen = [];
    if (refs.length === 0) return;
    await critical.run(() => store.push(deletionsOf(refs, store.marker())));
  }

  /**
   * A request that no look has shown was served before we looked, or the server takes such refs and shows them to nobody.
   * Whether it can be deleted tells: then it was there all the time, and would be for ever.
   */
  async #areHidden(): Promise<boolean> {
    const { store, critical } = this.#engine;
    const refs = this.#isShown ? [] : this.#unseen;
    if (refs.length === 0) return false;
    const outcome = await critical.run(() => store.push(deletionsOf(refs, store.marker())));
    this.#unseen = [];
    return outcome.kind === 'landed' || outcome.kind === 'refused';
  }
}

function deletionsOf(refs: readonly string[], marker: string): readonly RefUpdate[] {
  return refs.map((ref) => ({ ref, expected: marker, to: undefined }));
}

/** Whether an earlier push, by whomever, may have carried them out already; all of a group have the same base. */
function hadBase(pendings: readonly Pending[]): boolean {
  return pendings.some(({ base }) => base !== undefined);
}

function byBase(pending: readonly Pending[], tip: string): ReadonlyMap<string, readonly Pending[]> {
  const groups = new Map<string, Pending[]>();
  for (const one of pending) {
    const base = one.base ?? tip;
    const group = groups.get(base) ?? [];
    group.push(one);
    groups.set(base, group);
  }
  return groups;
}
