import { isWorthRemembering } from '../git/answers/push-outcome.ts';
import type { Upstream } from '../git/upstream/upstream.ts';
import type { RemoteMemory } from './remote-memory.ts';

const HEADS = 'refs/heads/';

/**
 * The upstream, such that the clone remembers which branches the server refused last: only a push shows that a branch is
 * protected, and whoever looks for the reason of a silent pool makes none. Costs nothing while pushes land.
 */
export function notingRefusals(
  upstream: Upstream,
  memory: Pick<RemoteMemory, 'refusal' | 'rememberRefusal'>,
): Upstream {
  return {
    ...upstream,
    async push(updates, options) {
      const outcome = await upstream.push(updates, options);
      const branches = updates.map(({ ref }) => ref).filter((ref) => ref.startsWith(HEADS));
      if (outcome.kind === 'landed') {
        for (const ref of branches) await memory.rememberRefusal(ref, undefined);
      } else if (outcome.kind === 'refused' && isWorthRemembering(outcome)) {
        const refused = branches.filter((ref) => outcome.refs === undefined || outcome.refs.includes(ref));
        for (const ref of refused) await memory.rememberRefusal(ref, outcome.words);
      }
      return outcome;
    },
  };
}
