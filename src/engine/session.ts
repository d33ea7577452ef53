import { Failure } from '../domain/failure.ts';
import { createGitClient } from '../git/git-client.ts';
import { openObjects } from '../git/objects.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { openUpstream } from '../git/upstream.ts';
import { GitQueueStore } from '../store/git-queue-store.ts';
import { type InstallStore, openInstallStore } from '../store/install-store.ts';
import { RemoteAbilitiesFile } from '../store/remote-abilities.ts';
import { shortKey } from './combining/runtime-folder.ts';
import type { CriticalSection } from './critical-section.ts';
import { beginLook, type EarlyLook } from './early-look.ts';
import type { RemoteAbilities } from './helping/abilities.ts';
import type { OpenQueueOptions } from './queue.ts';

/** A repository that is open, and the queue in it. */
export interface Session {
  readonly repository: Repository;
  /** Name of the remote; undefined in local mode. */
  readonly remote: string | undefined;
  readonly store: GitQueueStore;
  readonly installStore: InstallStore;
  readonly abilities: RemoteAbilities;
  close(): Promise<void>;
}

/**
 * Opens the repository; this is where the first git processes are started.
 * @param early a look at the remote to begin at once: it takes as long as all of the opening, and needs none of it
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`.
 */
export async function openSession(
  options: OpenQueueOptions,
  critical: CriticalSection,
  early: EarlyLook | undefined,
): Promise<Session> {
  const git = createGitClient({
    dir: options.dir,
    env: options.env,
    signal: critical.signal,
    onProcess: options.onGitProcess,
  });
  const withLook = early && beginLook(git, early);
  const repository = await openRepository(git);
  const remote = chooseRemote(repository, options.remote);
  const objects = openObjects(repository);
  const opened = openUpstream(repository, remote);
  const upstream = withLook ? withLook(opened) : opened;
  const store = new GitQueueStore(repository, upstream, objects, options.branch);
  const installStore = openInstallStore(repository, upstream, objects, store);
  const url = repository.remotes.get(remote ?? '')?.url;
  const abilities = new RemoteAbilitiesFile(repository.commonDir, shortKey([remote, url]), () => options.clock.now());
  return { repository, remote, store, installStore, abilities, close: () => objects.close() };
}

/** `origin` unless another is named; a repository without any remote is its own queue (CONTRACT 4). */
function chooseRemote(repository: Repository, named: string | undefined): string | undefined {
  const names = [...repository.remotes.keys()];
  if (named !== undefined) {
    if (names.includes(named)) return named;
    const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    throw new Failure('remote-missing', `this repository has no remote ${named}: ${there}`, {
      hint: `\`git remote add ${named} <url>\`, or name another with --remote`,
    });
  }
  if (names.length === 0) return undefined;
  if (names.includes('origin')) return 'origin';
  throw new Failure('remote-missing', `this repository has no remote origin: it has ${names.join(', ')}`, {
    hint: `name the one that holds the queue, for example --remote ${names[0]}`,
  });
}
