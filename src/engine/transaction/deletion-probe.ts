import type { PushOutcome, PushRefs, RefUpdate } from '../../git/answers/push-outcome.ts';
import type { RemoteAbilities } from './abilities.ts';

type DeletionAbilities = Pick<
  RemoteAbilities,
  'deleting' | 'rememberDeleting' | 'canPushAtomically' | 'rememberNoAtomic'
>;

/**
 * Makes refs that must be deleted later. A ref that cannot be deleted must never be made. If it is unknown whether this
 * server deletes, the same push deletes a ref that does not exist, which asks every hook and every rule, and leaves
 * nothing behind.
 */
export class DeletionProbe {
  readonly #abilities: DeletionAbilities;
  readonly #nameRef: () => string;
  /** Whether the server's answer to the deletion of a missing ref tells nothing. */
  #isUseless = false;

  /** @param nameRef a new name each time, of a ref that nobody makes, beside those that are made */
  constructor(abilities: DeletionAbilities, nameRef: () => string) {
    this.#abilities = abilities;
    this.#nameRef = nameRef;
  }

  /**
   * Makes the refs, and remembers what the server thinks of deletions.
   * @returns `refused` also if only the deletion was refused: then no ref was made
   */
  async make(updates: readonly RefUpdate[], push: PushRefs): Promise<PushOutcome> {
    const isKnown = this.#isUseless || (await this.#abilities.deleting()) === 'possible';
    if (isKnown) return push(updates);
    const probe: RefUpdate = { ref: this.#nameRef(), expected: undefined, to: undefined };
    const isAtomic = await this.#abilities.canPushAtomically();
    const outcome = isAtomic ? await push([...updates, probe], { atomic: true }) : await push([probe]);
    if (outcome.kind === 'refused') {
      if (outcome.refs?.every((ref) => ref === probe.ref) === true) await this.#abilities.rememberDeleting('refused');
      if (outcome.reason !== 'no-atomic') return outcome;
      await this.#abilities.rememberNoAtomic();
      return this.make(updates, push);
    }
    if (outcome.kind === 'landed') await this.#abilities.rememberDeleting('possible');
    // The server says that there is no such ref, as if somebody had deleted it before us: that tells nothing.
    if (outcome.kind === 'rejected') this.#isUseless = true;
    const isMade = isAtomic && outcome.kind !== 'rejected';
    return isMade || (outcome.kind !== 'landed' && outcome.kind !== 'rejected') ? outcome : push(updates);
  }
}
