import { Failure } from '../domain/failure.ts';
import { createGitClient } from '../git/git-client.ts';
import { openObjects } from '../git/objects.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { openUpstream, type Upstream } from '../git/upstream.ts';
import { type EventStore, openEventStore } from '../store/event-store.ts';
import { GitQueueStore } from '../store/git-queue-store.ts';
import { type InstallStore, openInstallStore } from '../store/install-store.ts';
import { RemoteMemory } from '../store/remote-memory.ts';
import { runtimeFolder, shortKey } from './combining/runtime-folder.ts';
import type { CriticalSection } from './critical-section.ts';
import { beginLook, type EarlyLook } from './early-look.ts';
import type { RemoteAbilities } from './helping/abilities.ts';
import { withPushLimit } from './push-limit.ts';
import type { OpenQueueOptions } from './queue.ts';
import { RejectionRate } from './rejection-rate.ts';

/** A repository that is open, and the queue in it. */
export interface Session {
  readonly repository: Repository;
  /** Name of the remote; undefined in local mode. */
  readonly remote: string | undefined;
  readonly store: GitQueueStore;
  readonly installStore: InstallStore;
  readonly eventStore: EventStore;
  readonly abilities: RemoteAbilities;
  readonly rejections: RejectionRate;
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
  const url = repository.remotes.get(remote ?? '')?.url;
  const key = shortKey([remote, url]);
  const opened = await limited(openUpstream(repository, remote), key, options);
  const upstream = withLook ? withLook(opened) : opened;
  const store = new GitQueueStore(repository, upstream, objects, options.branch);
  const installStore = openInstallStore(repository, upstream, objects, store);
  const eventStore = openEventStore(repository, upstream, objects, store.branchRef);
  const memory = new RemoteMemory(repository.commonDir, key, () => options.clock.now());
  const rejections = new RejectionRate(await memory.rejectionRate(), (rate) => memory.rememberRejectionRate(rate));
  return {
    repository,
    remote,
    store,
    installStore,
    eventStore,
    abilities: memory,
    rejections,
    close: () => objects.close(),
  };
}

/** A local branch needs no limit: updating it is one short transaction on this machine. */
async function limited(upstream: Upstream, key: string, options: OpenQueueOptions): Promise<Upstream> {
  if (upstream.kind === 'local') return upstream;
  const seats = { folder: await runtimeFolder(options.env), key, count: options.pushLimit };
  return withPushLimit(upstream, seats, options);
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
