import type { PushOutcome, PushRefs, RefUpdate } from '../../git/answers/push-outcome.ts';
import type { RemoteAbilities } from './abilities.ts';

type DeletionAbilities = Pick<
  RemoteAbilities,
  'deleting' | 'rememberDeleting' | 'canPushAtomically' | 'rememberNoAtomic'
>;

/** What came of making refs. `kept-back`: only a deletion was tried, so none of the refs can be there. */
export interface Made {
  readonly outcome: PushOutcome;
  readonly refs: 'sent' | 'kept-back';
}

/**
 * Makes refs that must be deleted later: a ref that cannot be deleted must never be made. If it is unknown whether this
 * server deletes, the push that makes them also deletes another ref, atomically, and leaves nothing behind if the
 * server refuses that.
 */
export class DeletionProbe {
  readonly #abilities: DeletionAbilities;
  readonly #nameRef: () => string;
  /** Whether the server's answer to the deletion of a missing ref tells nothing. */
  #isUseless = false;

  /** @param nameRef a new name each time, of a ref that nobody makes, next to those that are made */
  constructor(abilities: DeletionAbilities, nameRef: () => string) {
    this.#abilities = abilities;
    this.#nameRef = nameRef;
  }

  /**
   * Makes the refs, and remembers whether the server allows deletions.
   *
   * A ref that anybody may delete is the best one to try. Without one, a ref that does not exist is deleted. That asks
   * every hook and most rules, and costs nothing. But gitolite takes it for a plain update: with its rule `RW`, only
   * the deletion of a ref that exists is refused. So the success of that one proves nothing, and is not remembered.
   * @param unneeded the deletion of a ref that nobody needs, if there is one
   * @returns `refused` also if only the deletion was refused: then no ref was made
   */
  async make(updates: readonly RefUpdate[], push: PushRefs, unneeded?: RefUpdate): Promise<Made> {
    const sent = async (): Promise<Made> => ({ outcome: await push(updates), refs: 'sent' });
    const isKnown = (await this.#abilities.deleting()) === 'possible';
    if (isKnown || (this.#isUseless && unneeded === undefined)) return sent();
    const probe = unneeded ?? { ref: this.#nameRef(), expected: undefined, to: undefined };
    const isAtomic = await this.#abilities.canPushAtomically();
    const outcome = isAtomic ? await push([...updates, probe], { atomic: true }) : await push([probe]);
    if (outcome.kind === 'refused') {
      if (outcome.refs?.every((ref) => ref === probe.ref) === true) await this.#abilities.rememberDeleting('refused');
      if (outcome.reason !== 'no-atomic') return { outcome, refs: 'kept-back' };
      await this.#abilities.rememberNoAtomic();
      return this.make(updates, push, unneeded);
    }
    if (outcome.kind === 'landed' && unneeded !== undefined) await this.#abilities.rememberDeleting('possible');
    // The server says that there is no such ref, as if somebody had deleted it before us: that tells nothing.
    if (outcome.kind === 'rejected') this.#isUseless = true;
    if (isAtomic && outcome.kind !== 'rejected') return { outcome, refs: 'sent' };
    return outcome.kind === 'landed' || outcome.kind === 'rejected' ? sent() : { outcome, refs: 'kept-back' };
  }

  /**
   * The same for refs that nobody may try to delete for hours: if nothing is known, a marker is made first, and its
   * deletion is what is tried. All clones have the same marker, so a server that refuses keeps one of them at most.
   * @param marker name and object of the marker
   */
  async makeLasting(
    updates: readonly RefUpdate[],
    push: PushRefs,
    marker: { readonly ref: string; readonly to: string },
  ): Promise<PushOutcome> {
    if ((await this.#abilities.deleting()) === 'possible') return push(updates);
    const { outcome: marked } = await this.make([{ ...marker, expected: undefined }], push);
    // Rejected: the marker of another clone is there, or was.
    if (marked.kind !== 'landed' && marked.kind !== 'rejected') return marked;
    return (await this.make(updates, push, { ref: marker.ref, expected: marker.to, to: undefined })).outcome;
  }
}

/** Remembers that a ref was deleted on the server, unless it is known. */
export async function noteDeleted(abilities: DeletionAbilities): Promise<void> {
  if ((await abilities.deleting()) === 'unknown') await abilities.rememberDeleting('possible');
}
