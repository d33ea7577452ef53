import type { Clock } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Ownership } from '../../domain/branches/ownership.ts';
import { type ObjectReader, openObjects } from '../../git/objects/objects.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { openUpstream } from '../../git/upstream/open-upstream.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';
import { runtimeFolder } from '../../machine/runtime-folder.ts';
import { GitQueueStore } from '../../store/git-queue-store.ts';
import { Sightings } from '../../store/leases/sightings.ts';
import { notingRefusals } from '../../store/noting-refusals.ts';
import { RejectionRate } from '../base/rejection-rate.ts';
import { SharedLooks } from '../base/shared-looks.ts';
import type { PushLine } from '../machines/push-line.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import type { RemoteAbilities } from '../transaction/abilities.ts';
import type { EarlyGit } from './early-git.ts';
import { memoryOf } from './memory-of.ts';
import { withPushLimit } from './push-limit.ts';
import { withPushLine } from './push-turn.ts';

/**
 * Seats reserved for heartbeats: all heartbeats of one machine share a push, unless combining is off. In the line of
 * all machines they do not stand at all.
 */
const SEATS_FOR_HEARTBEATS = 2;

export type SessionOptions = OpenQueueOptions & {
  /** In which pushes of all machines stand; undefined: the machines do not meet. */
  readonly line?: PushLine | undefined;
};

/** An open repository, and the queue in it. */
export interface Session {
  readonly repository: Repository;
  readonly objects: ObjectReader;
  readonly upstream: Upstream;
  /** The same, for heartbeats: its pushes wait for no other push of this machine. */
  readonly beatUpstream: Upstream;
  /** Hands what was seen of several branches in one look to whoever looks at one of them next. */
  readonly looks: SharedLooks;
  /** Name of the remote; undefined in local mode. */
  readonly remote: string | undefined;
  readonly store: GitQueueStore;
  /** The same, for heartbeats. */
  readonly beatStore: GitQueueStore;
  readonly abilities: RemoteAbilities;
  readonly rejections: RejectionRate;
  /** Identifies the remote, its URL included. */
  readonly key: string;
  close(): Promise<void>;
}

/**
 * Opens the queue in the repository that is being opened.
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`
 */
export async function openSession(options: SessionOptions, earlyGit: EarlyGit): Promise<Session> {
  try {
    return await sessionIn(await earlyGit.repository, options, earlyGit);
  } catch (error) {
    await earlyGit.close();
    throw error;
  }
}

async function sessionIn(
  repository: Repository,
  options: SessionOptions,
  { objects: group, withLook, upstreamOf }: EarlyGit,
): Promise<Session> {
  const remote = chooseRemote(repository, options.remote);
  const objects = openObjects(repository, group);
  const { key, memory } = memoryOf(repository, remote, options.clock);
  const opened = (await upstreamOf(remote)) ?? openUpstream(repository, remote, undefined, memory);
  const unlimited = remote === undefined ? opened : notingRefusals(opened, memory);
  const looks = new SharedLooks(options.clock);
  const upstream = looks.over(withLook(limited(unlimited, key, options, 'anything')));
  // Heartbeats look as everything else does, and wait for nobody's turn.
  const { turn: _, ...looking } = upstream;
  const beatUpstream = { ...looking, push: limited(unlimited, key, options, 'heartbeats').push };
  const sightings = new Sightings(repository.commonDir, `${key}-${options.branch}`, options.clock);
  const store = new GitQueueStore(repository, upstream, objects, options.branch, sightings);
  const beatStore = new GitQueueStore(repository, beatUpstream, objects, options.branch, sightings);
  const rejections = new RejectionRate(
    await memory.rejectionRate(),
    (rate, rejectedAt) => memory.rememberRejectionRate(rate, rejectedAt),
    await memory.rejectedAt(),
  );
  return {
    repository,
    objects,
    upstream,
    beatUpstream,
    looks,
    remote,
    store,
    beatStore,
    abilities: memory,
    rejections,
    key,
    async close() {
      unlimited.close?.();
      await Promise.all([unlimited.tidy?.(), objects.close()]);
    },
  };
}

/** A coordination branch of the queue other than the main one. */
export interface Beside {
  readonly branch: string;
  /** Which projects live where, as the settings on the main branch said at the last look. */
  ownership(): Ownership;
  /** The upstream, such that each look also finds out what {@link ownership} answers. */
  watching(upstream: Upstream): Upstream;
}

/** The session of a branch other than the main one: with its git processes, connections and memory of the remote. */
export function sessionBeside(session: Session, { branch, ownership, watching }: Beside, clock: Clock): Session {
  const { repository, objects, key } = session;
  const sightings = new Sightings(repository.commonDir, `${key}-${branch}`, clock);
  const [upstream, beatUpstream] = [watching(session.upstream), watching(session.beatUpstream)];
  const storeOn = (on: Upstream) => new GitQueueStore(repository, on, objects, branch, sightings, ownership);
  const [store, beatStore] = [storeOn(upstream), storeOn(beatUpstream)];
  return { ...session, upstream, beatUpstream, store, beatStore, close: () => Promise.resolve() };
}

/** A local branch needs no limit: updating it is one short transaction on this machine. */
function limited(upstream: Upstream, key: string, options: SessionOptions, what: 'heartbeats' | 'anything'): Upstream {
  if (upstream.kind === 'local') return upstream;
  const seats = { folder: runtimeFolder(options.env), key, count: options.pushLimit };
  if (what === 'heartbeats') return withPushLimit(upstream, { ...seats, reserved: SEATS_FOR_HEARTBEATS }, options);
  const limited = withPushLimit(upstream, seats, options);
  return options.line === undefined ? limited : { ...limited, ...withPushLine(limited, options.line, options) };
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
