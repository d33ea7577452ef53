import type { Clock } from '../../domain/base/clock.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { shortKey } from '../../machine/runtime-folder.ts';
import { RemoteMemory } from '../../store/remote-memory.ts';

/** What is remembered of a remote in this clone, and the key of that. */
export function memoryOf(
  repository: Repository,
  remote: string | undefined,
  clock: Clock,
): { readonly key: string; readonly memory: RemoteMemory } {
  const url = repository.remotes.get(remote ?? '')?.url;
  const key = shortKey([remote, url]);
  return { key, memory: new RemoteMemory(repository.commonDir, key, () => clock.now()) };
}
