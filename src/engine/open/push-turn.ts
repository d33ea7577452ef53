import type { Turn, Upstream } from '../../git/upstream/upstream.ts';
import type { PushLine } from '../machines/push-line.ts';
import { type Surroundings, waitForTurn } from './push-limit.ts';

/** Longest wait (ms) for other machines: whoever may write where they meet could keep the line full forever. */
const LONGEST_MS = 60_000;

/** What waits for its turn: it can be given before, or a push waits for it. */
export type Turns = Pick<Upstream, 'push'> & { readonly turn: NonNullable<Upstream['turn']> };

/**
 * Lets pushes that move a branch stand in the line of all machines, first come, first served. If the server where they
 * meet does not answer, they go at once, and after a minute in any case. Refs of agentq's own (requests, sign-ins)
 * stand in no line: they are small, and nobody contends for them.
 */
export function withPushLine({ push }: Pick<Upstream, 'push'>, line: PushLine, surroundings: Surroundings): Turns {
  const turn: Turns['turn'] = async (ending) => {
    const place = line.join();
    let came: Turn['came'] = 'at once';
    const looked = async (): Promise<(() => void) | 'none'> => {
      if ((await place.look()) !== 'wait') return () => place.leave();
      came = 'after others';
      return 'none';
    };
    const leave = await waitForTurn(surroundings, ending?.signal, {
      look: looked,
      words: `${line.most} pushes of other machines come first`,
      longestMs: LONGEST_MS,
    });
    if (leave === undefined) place.leave();
    return leave && { came, leave: () => place.leave() };
  };
  return {
    turn,
    async push(updates, options) {
      const isOfBranch = updates.some(({ ref }) => ref.startsWith('refs/heads/'));
      if (!isOfBranch || options?.turn !== undefined) return push(updates, options);
      const own = await turn(options);
      if (own === undefined)
        return { kind: 'transient', words: 'interrupted while waiting for other machines to push' };
      try {
        return await push(updates, options);
      } finally {
        own.leave();
      }
    },
  };
}
