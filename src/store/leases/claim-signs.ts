import { isInReview, poolLimit, type SilenceLimit, stallsAt, trustedHeartbeat } from '../../domain/leases/staleness.ts';
import type { PoolSettings, QueueSnapshot, Reading, TaskEntry } from '../../domain/queue/snapshot.ts';
import { touchedAt } from '../../git/history/history.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';
import type { Ending } from '../../git/process/ending.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Discovery } from '../reading/discovery.ts';
import type { SnapshotScope } from '../reading/snapshot-scope.ts';
import { claimEvidence } from './claim-evidence.ts';
import type { Sightings } from './sightings.ts';
import { StallWatch } from './stall-watch.ts';

/** What a cheap look at the claims has found. */
export interface Suspects {
  /** When each begins to look stalled (ms since the epoch), by path. */
  readonly times: ReadonlyMap<string, number>;
  /** Of those that look stalled. */
  readonly paths: ReadonlySet<string>;
  readonly known: QueueSnapshot['stalls'];
}

/** Projects of a snapshot whose entries are still to be completed. */
export type OpenProjects = ReadonlyMap<string, { entries: TaskEntry[] }>;

const NOBODY_ASKED: Suspects = { times: new Map(), paths: new Set(), known: undefined };

/** Finds what is known of the owners of claims, as much as a scope asks for. */
export class ClaimSigns {
  readonly #repository: Repository;
  readonly #sightings: Sightings | undefined;
  readonly #watch: StallWatch;

  /**
   * @param queue identifies the remote and the branch
   * @param sightings what this clone has seen of claims before; absent: it remembers nothing
   */
  constructor(
    repository: Repository,
    objects: Pick<ObjectReader, 'readBlobs'>,
    queue: string,
    sightings: Sightings | undefined,
  ) {
    this.#repository = repository;
    this.#sightings = sightings;
    this.#watch = new StallWatch(objects, repository.commonDir, queue);
  }

  /** Which claims look stalled, if the scope asks and the pool's claims take them. */
  async suspects(
    { tasks }: Discovery,
    settings: PoolSettings,
    { rivals, witnesses }: SnapshotScope,
    ending: Ending,
  ): Promise<Suspects> {
    if (rivals === undefined || settings.reclaim === 'off') return NOBODY_ASKED;
    if (witnesses !== undefined) return { ...NOBODY_ASKED, known: 'witnessed' };
    const { now } = rivals;
    const claims = tasks.filter(({ state, mode }) => state === 'claimed' && mode !== '120000');
    const times = await this.#watch.look(claims, { now, limit: poolLimit(settings) }, ending);
    const paths = new Set([...times].flatMap(([path, at]) => (at <= now ? [path] : [])));
    return { times, paths, known: paths.size === 0 ? 'none' : 'suspected' };
  }

  /** Walks history for the claims that need it, and only then: most heartbeats can be trusted. */
  async touched(
    tip: string,
    { tasks }: Discovery,
    readings: readonly Reading[],
    { witnesses }: SnapshotScope,
  ): Promise<ReadonlyMap<string, number>> {
    if (witnesses === undefined) return new Map();
    const doubtful = tasks.filter((task, index) => {
      const reading = readings[index];
      if (task.state !== 'claimed' || reading?.kind !== 'read') return false;
      return trustedHeartbeat(reading.task.claim, witnesses.now) === undefined;
    });
    if (doubtful.length === 0) return new Map();
    return touchedAt(
      this.#repository,
      tip,
      doubtful.map(({ path }) => path),
    );
  }

  /** Adds what is known of the clocks behind the heartbeats, if the scope asks for witnesses. */
  async addEvidence(
    tip: string,
    projects: OpenProjects,
    settings: PoolSettings,
    { witnesses, rivals }: SnapshotScope,
  ): Promise<void> {
    if (witnesses === undefined) return;
    const { stalledAfterMs, reviewAfterMs: reviewMs } = settings;
    const { now, limitMs = stalledAfterMs } = witnesses;
    const lists = [...projects.values()];
    const claims = lists.flatMap(({ entries }) =>
      entries.filter(({ state, reading }) => state === 'claimed' && reading.kind === 'read'),
    );
    const sources = { repository: this.#repository, sightings: this.#sightings };
    // Claims judge by the limit of the pool, whatever limit a release-stalled in the same group was given.
    const shortest = rivals === undefined ? limitMs : Math.min(limitMs, stalledAfterMs);
    const evidence = await claimEvidence(sources, tip, claims, { now, limit: { ms: shortest, reviewMs } });
    for (const list of evidence.size === 0 ? [] : lists) {
      list.entries = list.entries.map((entry) => {
        const own = evidence.get(entry.path);
        return own === undefined ? entry : { ...entry, evidence: own };
      });
    }
    if (rivals !== undefined) this.#note(lists, now, poolLimit(settings));
  }

  /** The next claims need not find out the same again. */
  #note(lists: readonly { readonly entries: readonly TaskEntry[] }[], now: number, limit: SilenceLimit): void {
    const claims = lists.flatMap(({ entries }) => entries.filter(({ state }) => state === 'claimed'));
    // Nothing may tell of one: then another look is worth its cost when it has been watched for the whole limit.
    const times = claims.map((entry) => {
      const at = stallsAt(entry, now, limit) ?? now + limit.ms;
      return [entry.blob, { at, of: isInReview(entry) ? 'review' : 'work' }] as const;
    });
    this.#watch.note(limit, new Map(times));
  }
}
