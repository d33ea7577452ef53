import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { CloneFacts } from '../../domain/health/clone.ts';
import type { KitProgram } from '../../domain/health/machine.ts';
import type { OldRef, PipelineFile, RefusedPush } from '../../domain/health/queue.ts';
import type { Remembered, ServerFacts } from '../../domain/health/server.ts';
import { PACKAGE_FILE, RELEASES_FOLDER, releasesIn } from '../../domain/kit/program.ts';
import { activityOf } from '../../domain/past/activity.ts';
import type { Look } from '../../git/answers/look.ts';
import { cloneFacts, removeOwnLeftovers } from '../../git/probing/clone-facts.ts';
import { racingPushes } from '../../git/probing/racing-pushes.ts';
import { recentCommits } from '../../git/probing/recent-commits.ts';
import { runText } from '../../git/process/git-process.ts';
import type { RemoteInfo } from '../../git/repository/remotes.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { lookAtRemote, remoteUpstream, SILENCES } from '../../git/upstream/remote.ts';
import type { InstallStore } from '../../store/install-store.ts';
import type { QueueStore } from '../../store/queue-store.ts';
import type { RemoteMemory } from '../../store/remote-memory.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import { MAX_NAME } from '../helping/request-ref.ts';
import { CLEANING_MS, type Health, type Looked, type RecentCommit, type RemoteFacts } from '../queue/health.ts';
import { isToldByBlob, oldRefsAmong } from './old-refs.ts';
import { probePrefix } from './probe-ref.ts';
import { probeServer } from './probe-server.ts';

/** All refs of agentq on a server. */
const OUR_REFS = 'refs/agentq/';

const PIPELINES = '.gitlab-ci.yml';
const WORKFLOWS = '.github/workflows';

/** Most workflow files that are read, and most refs that one push deletes. */
const MOST_WORKFLOWS = 50;
const MOST_REMOVED = 100;

/** What {@link GitHealth} works with. */
export interface HealthParts {
  readonly repository: Repository;
  readonly remote: string | undefined;
  readonly store: Pick<QueueStore, 'branchRef' | 'storeBlob' | 'readBlobs'>;
  readonly files: Pick<InstallStore, 'list' | 'survey'>;
  readonly memory: RemoteMemory;
  readonly critical: CriticalSection;
  /** Aborted by an interrupt. */
  readonly interrupt: AbortSignal;
  readonly clock: Clock;
  readonly random: Randomness;
}

/** {@link Health} on git. */
export class GitHealth implements Health {
  readonly #parts: HealthParts;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  get remote(): RemoteFacts | undefined {
    const { repository } = this.#parts;
    const info = this.#info();
    if (info === undefined) return undefined;
    const url = info.pushUrl ?? info.url ?? '';
    const isSsh = /^(?:ssh|git\+ssh):\/\//.test(url) || (/^[^/:]+:(?!\/\/)/.test(url) && info.place === 'elsewhere');
    return {
      name: info.name,
      transport: isSsh ? 'ssh' : 'other',
      host: info.place === 'here' ? undefined : hostOf(url),
      ownSsh: repository.config('core.sshcommand') !== undefined,
    };
  }

  async gitVersion(): Promise<string> {
    return (await runText(this.#parts.repository.git, ['version'])).stdout.trim();
  }

  clone(): Promise<CloneFacts> {
    const { repository, store, clock } = this.#parts;
    return cloneFacts(repository, store.branchRef, clock.now());
  }

  removeLeftovers(): Promise<number> {
    return removeOwnLeftovers(this.#parts.repository, this.#parts.clock.now());
  }

  async look(signal: AbortSignal): Promise<Looked> {
    const before = performance.now();
    const { tip, refs } = await this.#look([OUR_REFS], signal);
    return { tip, refs, tookMs: performance.now() - before };
  }

  async recent(tip: string, limit: number): Promise<readonly RecentCommit[]> {
    const { repository } = this.#parts;
    const commits = await recentCommits(repository, tip, limit);
    return commits.map(({ committerEmail, ...commit }) => ({
      timeMs: commit.timeMs,
      authorName: commit.authorName,
      isOwn: committerEmail !== '' && committerEmail === repository.identity?.email,
      isOfQueue: activityOf({ ...commit, trailers: [] }) !== undefined,
    }));
  }

  async program(tip: string): Promise<KitProgram> {
    const { files } = this.#parts;
    const there = (await files.survey(tip, [PACKAGE_FILE]))(PACKAGE_FILE);
    return {
      releases: releasesIn(await files.list(tip, RELEASES_FOLDER)),
      pinned: there.kind === 'file' ? there.content.trim().split('\n', 1)[0] : undefined,
    };
  }

  async pipelines(tip: string): Promise<readonly PipelineFile[]> {
    const { files } = this.#parts;
    const names = (await files.list(tip, WORKFLOWS)).filter((name) => /\.ya?ml$/.test(name)).slice(0, MOST_WORKFLOWS);
    const paths = [PIPELINES, ...names.map((name) => `${WORKFLOWS}/${name}`)];
    const survey = await files.survey(tip, paths);
    const { readYaml } = await import('./read-yaml.ts');
    return paths.flatMap((path) => {
      const there = survey(path);
      return there.kind === 'file' ? [{ path, content: readYaml(there.content) }] : [];
    });
  }

  async oldRefs({ tip = '', refs }: Looked, witnessMs: number, signal: AbortSignal): Promise<readonly OldRef[]> {
    const { store, clock } = this.#parts;
    const oids = [...refs].filter(([ref]) => isToldByBlob(ref)).map(([, oid]) => oid);
    const blobs = oids.length === 0 ? new Map<string, Uint8Array>() : await store.readBlobs(oids, { signal });
    return oldRefsAmong(refs, blobs, { now: clock.now(), witnessMs, branchRef: store.branchRef, tip });
  }

  async removeRefs(refs: readonly OldRef[], signal: AbortSignal): Promise<readonly OldRef[]> {
    const info = this.#info();
    if (info === undefined || refs.length === 0) return [];
    const { push } = remoteUpstream(this.#parts.repository, info);
    for (let at = 0; at < refs.length && !signal.aborted; at += MOST_REMOVED) {
      const some = refs.slice(at, at + MOST_REMOVED);
      // What was renewed meanwhile stays, and a server that refuses shows in the look.
      await push(
        some.map(({ ref, oid }) => ({ ref, expected: oid, to: undefined })),
        { signal },
      );
    }
    const after = (await this.#look([OUR_REFS], signal)).refs;
    return refs.filter(({ ref, oid }) => after.get(ref) !== oid);
  }

  async probe(signal: AbortSignal): Promise<ServerFacts> {
    const { repository, store, critical, interrupt, clock, random } = this.#parts;
    const info = this.#info();
    if (info === undefined) throw new Error('a repository without a remote has no server');
    const { push } = remoteUpstream(repository, info);
    // An interrupt ends the probe, and not git: what the probe has made must be removed first.
    return critical.run(() =>
      probeServer(
        {
          look: async (prefix, ending) => (await this.#look([prefix], ending)).refs,
          push: (updates, how, ending) => push(updates, { atomic: how === 'atomic', signal: ending }),
          race: (race, ending) => racingPushes(repository, { ...race, remote: info.name }, { signal: ending }),
          storeBlob: (text) => store.storeBlob(Buffer.from(text, 'utf8')),
          now: () => performance.now(),
        },
        {
          prefix: probePrefix(clock.now(), random.id()),
          longest: MAX_NAME,
          signal: AbortSignal.any([signal, interrupt]),
          cleaning: () => AbortSignal.timeout(CLEANING_MS),
        },
      ),
    );
  }

  async remembered(): Promise<Remembered> {
    const { memory } = this.#parts;
    return {
      noCustomRefs: !(await memory.canPublish()),
      noAtomic: !(await memory.canPushAtomically()),
      noDeletion: (await memory.deleting()) === 'refused',
    };
  }

  forget(): Promise<void> {
    return this.#parts.memory.forgetRefusals();
  }

  refusal(): RefusedPush | undefined {
    const { memory, store, clock } = this.#parts;
    const refusal = memory.refusal(store.branchRef);
    return refusal && { agoMs: Math.max(0, clock.now() - refusal.at), words: refusal.words };
  }

  rejectionRate(): Promise<number | undefined> {
    return this.#parts.memory.rejectionRate();
  }

  #info(): RemoteInfo | undefined {
    const { repository, remote } = this.#parts;
    return remote === undefined ? undefined : repository.remotes.get(remote);
  }

  #look(prefixes: readonly string[], signal: AbortSignal): Promise<Look> {
    const { repository, remote = '', store } = this.#parts;
    const limits = { silenceMs: SILENCES.look };
    return lookAtRemote(repository.git, remote, store.branchRef, prefixes, { signal }, limits);
  }
}

/** The host of a URL, or of `host:path`. */
function hostOf(url: string): string | undefined {
  const [, byUrl, byPath] = /^(?:[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]+)|(?:[^/@:]+@)?([^/:]+):)/i.exec(url) ?? [];
  return (byUrl ?? byPath)?.toLowerCase();
}
