import type { Upstream } from '../../git/upstream/upstream.ts';

/**
 * The upstream of a branch other than the main one: each look shows both in one question, and the settings are read
 * again if the main branch has moved. So whoever leads decides by what the settings say at the time of its own look.
 *
 * @param seen takes the tip of the main branch; it throws what reading its settings throws
 */
export function watchingMain(upstream: Upstream, mainRef: string, seen: (tip: string) => Promise<void>): Upstream {
  return {
    ...upstream,
    async look(branchRef, prefixes, options) {
      const look = await upstream.look(branchRef, [...prefixes, mainRef], options);
      const tip = look.refs.get(mainRef);
      if (tip !== undefined) await seen(tip);
      // Whoever deletes what is not a request must not see a branch among them.
      const asked = [...look.refs].filter(([ref]) => prefixes.some((prefix) => ref.startsWith(prefix)));
      return { ...look, refs: new Map(asked) };
    },
  };
}
