import { Failure } from '../../domain/base/failure.ts';
import type { Repository } from '../repository/repository.ts';
import { keepingTips } from './keeping-tips.ts';
import { localUpstream } from './local.ts';
import { overOneConnection } from './one-connection.ts';
import { remoteUpstream } from './remote.ts';
import type { FetchingMemory, Silences, Upstream } from './upstream.ts';
import { withUpkeep } from './with-upkeep.ts';

/**
 * Opens the upstream that `remote` names; undefined: the repository itself.
 * @throws Failure `remote-missing` if the repository has no such remote
 */
export function openUpstream(
  repository: Repository,
  remote: string | undefined,
  silences?: Silences,
  memory?: FetchingMemory,
): Upstream {
  if (remote === undefined) return withUpkeep(localUpstream(repository), repository);
  const info = repository.remotes.get(remote);
  if (info !== undefined) {
    const upstream = remoteUpstream(repository, info, silences);
    // Git's helper answers in SHA-1 unless it is asked for more.
    const isOver = info.httpUrl !== undefined && repository.objectFormat === 'sha1';
    const chosen = isOver ? overOneConnection(upstream, repository, info, silences, memory) : upstream;
    return withUpkeep(keepingTips(chosen, repository, info), repository);
  }
  const names = [...repository.remotes.keys()];
  throw new Failure('remote-missing', `this repository has no remote ${JSON.stringify(remote)}`, {
    hint: names.length > 0 ? `it has: ${names.join(', ')}` : `add one with \`git remote add ${remote} <url>\``,
  });
}
