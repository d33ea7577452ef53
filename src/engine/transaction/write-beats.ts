import { type Beat, HEARTBEATS } from '../../domain/leases/ref-heartbeat.ts';
import { isWorthRemembering, type PushOutcome } from '../../git/answers/push-outcome.ts';
import type { HeartbeatRefs } from '../../store/leases/heartbeat-refs.ts';
import type { Engine } from '../base/engine.ts';
import { pushFailure, retryable } from '../base/retryable.ts';
import type { RemoteAbilities } from './abilities.ts';
import { DeletionProbe } from './deletion-probe.ts';
import { retrying } from './transaction.ts';

/** What writing and removing heartbeat refs needs to know, and learns, about the remote. */
export type HeartbeatAbilities = Pick<
  RemoteAbilities,
  'canPublish' | 'rememberNoPublishing' | 'deleting' | 'rememberDeleting' | 'canPushAtomically' | 'rememberNoAtomic'
>;

/** Most tries to write a heartbeat as a ref: a commit renews the claim as well, and the renewal has to be in time. */
const MOST_TRIES = 3;

/**
 * Writes heartbeats as refs, and tries again if another push was first. Then it removes the refs of this process for
 * claims that it does not renew any more.
 * @returns `refused` if the remote does not take such refs or does not delete them, which is remembered; also after
 * three tries that it answered otherwise
 * @throws Failure of the remote, or the signal's reason
 */
export async function writeBeats(
  engine: Engine,
  refs: HeartbeatRefs,
  abilities: HeartbeatAbilities,
  beats: readonly Beat[],
): Promise<'written' | 'refused'> {
  if (!(await abilities.canPublish()) || (await abilities.deleting()) === 'refused') return 'refused';
  const probe = new DeletionProbe(abilities, () => `${HEARTBEATS}_probe/${engine.random.id()}`);
  const marker = { ref: `${HEARTBEATS}_marker`, to: engine.store.marker() };
  const answer = await retrying(engine, {
    async attempt(number): Promise<'written' | 'refused'> {
      engine.signal.throwIfAborted();
      engine.at?.('beating');
      const outcome = await retryable(() => refs.write(beats, (made, push) => probe.makeLasting(made, push, marker)));
      engine.at?.('beaten');
      if (outcome.kind === 'landed') return 'written';
      if (isWorthRemembering(outcome)) await abilities.rememberNoPublishing();
      // An answer in unknown words, or of a race that nobody runs: if it does not change, the server refuses this time.
      else if (number < MOST_TRIES || !isAnswered(outcome)) throw pushFailure(outcome, number);
      return 'refused';
    },
  });
  if (answer === 'written') await removing(abilities, () => refs.remove(beats));
  return answer;
}

/** Whether the remote has answered: one that cannot be reached takes no commit either. */
function isAnswered({ kind }: PushOutcome): boolean {
  return kind === 'unknown' || kind === 'rejected';
}

/** Removes the refs that this process has written. Never throws: it is a courtesy, and others sweep the rest. */
export function forgetBeats(refs: HeartbeatRefs, abilities: HeartbeatAbilities): Promise<void> {
  return removing(abilities, () => refs.remove());
}

/** Removes the refs of processes that died, among those that this process has read. Never throws. */
export function sweepBeats(refs: HeartbeatRefs, abilities: HeartbeatAbilities, now: number): Promise<void> {
  return removing(abilities, () => refs.sweep(now));
}

async function removing(abilities: HeartbeatAbilities, remove: () => Promise<PushOutcome | undefined>): Promise<void> {
  const outcome = await remove().catch(() => undefined);
  if (outcome !== undefined && isWorthRemembering(outcome)) await abilities.rememberDeleting('refused');
}
