import { Failure } from '../../domain/base/failure.ts';
import type { RemoteInfo } from '../repository/remotes.ts';
import type { Repository } from '../repository/repository.ts';
import { keepingTips } from './keeping-tips.ts';
import { localUpstream } from './local.ts';
import { overOneConnection } from './one-connection.ts';
import { overOneConversation } from './one-conversation.ts';
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
    return withUpkeep(keepingTips(overOne(upstream, repository, info, silences, memory), repository, info), repository);
  }
  const names = [...repository.remotes.keys()];
  throw new Failure('remote-missing', `this repository has no remote ${JSON.stringify(remote)}`, {
    hint: names.length > 0 ? `it has: ${names.join(', ')}` : `add one with \`git remote add ${remote} <url>\``,
  });
}

/** The upstream with look and push as one, if that is possible. */
function overOne(
  upstream: Upstream,
  repository: Repository,
  remote: RemoteInfo,
  silences: Silences | undefined,
  memory: FetchingMemory | undefined,
): Upstream {
  const { objectFormat, shallow, partial } = repository;
  // Git's helper answers in SHA-1 unless it is asked for more, and we write packs of SHA-1.
  if (objectFormat !== 'sha1') return upstream;
  if (remote.httpUrl !== undefined) return overOneConnection(upstream, repository, remote, silences, memory);
  // What a shallow or a partial clone sends is git's matter.
  if (remote.folder === undefined || shallow || partial) return upstream;
  return overOneConversation(upstream, repository, remote, remote.folder, silences);
}
