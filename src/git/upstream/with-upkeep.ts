import { sweepDrafts } from '../repository/leftovers.ts';
import type { Repository } from '../repository/repository.ts';
import { startUpkeep } from '../repository/upkeep.ts';
import type { Upstream } from './upstream.ts';

/** How long (ms) a process that goes on working lets objects gather before it looks whether they should be packed. */
const EVERY_MS = 60_000;

/**
 * The same upstream, except that what it adds to the clone is packed now and then (see {@link startUpkeep}). A process
 * looks whether that is due when it ends, after its answer, and once a minute while it pushes and fetches.
 */
export function withUpkeep(upstream: Upstream, repository: Repository): Upstream {
  let timer: NodeJS.Timeout | undefined;

  async function upkeep(): Promise<void> {
    timer = undefined;
    if (repository.git.signal?.aborted) return;
    // What killed processes left of packs that they were writing is in nobody's way, but nobody else removes it.
    if (startUpkeep(repository) === 'started') await sweepDrafts(repository);
  }

  /** Even if it failed: a push that lost a race has left its objects. */
  function noteObjects(): void {
    timer ??= setTimeout(upkeep, EVERY_MS).unref();
  }

  return {
    ...upstream,
    fetchCommit: (...args) => upstream.fetchCommit(...args).finally(noteObjects),
    push: (...args) => upstream.push(...args).finally(noteObjects),
    async tidy() {
      await upstream.tidy?.();
      if (timer === undefined) return;
      clearTimeout(timer);
      await upkeep();
    },
  };
}
