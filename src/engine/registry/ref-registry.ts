import type { Clock } from '../../domain/base/clock.ts';
import { isThere, SIGN_INS, type SignedIn, type SignIn } from '../../domain/leases/sign-in.ts';
import { isWorthRemembering, REFUSAL_HINTS } from '../../git/answers/push-outcome.ts';
import type { Sightings } from '../../store/leases/sightings.ts';
import type { SignInRefs } from '../../store/leases/sign-in-refs.ts';
import { pushFailure } from '../base/retryable.ts';
import type { Registry } from '../queue/registry.ts';
import { DeletionProbe, noteDeleted } from '../transaction/deletion-probe.ts';
import type { HeartbeatAbilities } from '../transaction/write-beats.ts';

/** What the registry of a remote works with. */
export interface RefRegistryParts {
  readonly refs: SignInRefs;
  readonly abilities: HeartbeatAbilities;
  /** What this clone has seen of sign-ins before. */
  readonly sightings: Pick<Sightings, 'note'>;
  readonly clock: Clock;
  /** An unguessable name that nobody has used. */
  readonly newId: () => string;
  /** The object of a ref that is made to be deleted. */
  readonly marker: string;
}

/** The registry that processes keep as refs of a remote. */
export class RefRegistry implements Registry {
  readonly #parts: RefRegistryParts;
  readonly #probe: DeletionProbe;

  constructor(parts: RefRegistryParts) {
    this.#parts = parts;
    this.#probe = new DeletionProbe(parts.abilities, () => `${SIGN_INS}_probe/${parts.newId()}`);
  }

  async read(also?: readonly string[]): Promise<readonly SignedIn[]> {
    const { refs, sightings, clock } = this.#parts;
    const found = await refs.read(also);
    const watched = await sightings.note(found.map(({ ref, blob }) => ({ claim: ref, beat: blob })));
    const now = clock.now();
    return found.map(({ signIn }, index) => ({ signIn, isFresh: isThere(signIn, watched[index], now) }));
  }

  async write(signIn: SignIn): ReturnType<Registry['write']> {
    const { refs, abilities, clock, marker } = this.#parts;
    if (!(await abilities.canPublish())) return { kind: 'refused', why: 'the remote does not take such refs' };
    if ((await abilities.deleting()) === 'refused') return { kind: 'refused', why: 'the remote does not delete refs' };
    const outcome = await refs.write(signIn, clock.now(), (updates, push) =>
      this.#probe.makeLasting(updates, push, { ref: `${SIGN_INS}_marker`, to: marker }),
    );
    if (outcome.kind === 'landed') return { kind: 'written' };
    if (outcome.kind !== 'refused') throw pushFailure(outcome, 1);
    if (isWorthRemembering(outcome)) await abilities.rememberNoPublishing();
    return { kind: 'refused', why: `${outcome.words}; ${REFUSAL_HINTS[outcome.reason]}` };
  }

  async remove(): Promise<void> {
    const { refs, abilities } = this.#parts;
    const outcome = await refs.remove().catch(() => undefined);
    if (outcome === undefined) return;
    if (outcome.kind === 'landed') await noteDeleted(abilities);
    else if (isWorthRemembering(outcome)) await abilities.rememberDeleting('refused');
  }
}
