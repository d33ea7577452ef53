import type { Beat } from '../domain/ref-heartbeat.ts';
import { isWorthRemembering } from '../git/push-outcome.ts';
import type { HeartbeatRefs } from '../store/heartbeat-refs.ts';
import type { Engine } from './engine.ts';
import type { RemoteAbilities } from './helping/abilities.ts';
import { pushFailure, retryable } from './retryable.ts';
import { retrying } from './transaction.ts';

/**
 * Writes heartbeats as refs, and tries again where another process of the same agent was first.
 * @returns `refused` where the remote does not take such refs; that is remembered
 * @throws Failure of the remote, or what the signal was aborted with
 */
export async function writeBeats(
  engine: Engine,
  refs: HeartbeatRefs,
  abilities: RemoteAbilities,
  beats: readonly Beat[],
): Promise<'written' | 'refused'> {
  if (!(await abilities.canPublish())) return 'refused';
  return retrying(engine, {
    async attempt(number) {
      engine.signal.throwIfAborted();
      const outcome = await retryable(() => refs.write(beats, engine.clock.now()));
      if (outcome.kind === 'landed') return 'written';
      if (!isWorthRemembering(outcome)) throw pushFailure(outcome, number);
      await abilities.rememberNoPublishing();
      return 'refused';
    },
  });
}
