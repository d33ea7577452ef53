import type { MemoryHistory } from '../../../lab/model/memory-history.ts';
import { given } from '../../../src/domain/base/given.ts';
import { claimName, newestBeats } from '../../../src/domain/leases/ref-heartbeat.ts';
import {
  afterLook,
  NOTHING_SEEN,
  type Sight,
  type SightingMemory,
  watchedAt,
} from '../../../src/domain/leases/sightings.ts';
import {
  isInReview,
  needsEvidence,
  parseTime,
  poolLimit,
  reviewLimit,
  stallsAtEarliest,
} from '../../../src/domain/leases/staleness.ts';
import { clockProof } from '../../../src/domain/queue/clock-proof.ts';
import type { QueueSnapshot, TaskEntry } from '../../../src/domain/queue/snapshot.ts';
import type { HeartbeatRefs } from '../../../src/store/leases/heartbeat-refs.ts';
import type { SnapshotScope } from '../../../src/store/reading/snapshot-scope.ts';
import { isRemark } from '../branch.ts';
import type { SimProcess } from './process.ts';

/** What the clone of a machine has seen of claims. */
export interface SightingsOfClone {
  memory: SightingMemory;
}

/** A clone that has not looked yet. */
export function nothingSeen(): SightingsOfClone {
  return { memory: NOTHING_SEEN };
}

export interface EvidenceOptions {
  readonly process: SimProcess;
  readonly history: MemoryHistory;
  readonly heartbeats: HeartbeatRefs;
  readonly sightings: SightingsOfClone;
}

/** The snapshot with what its scope asks for of heartbeats, as `GitQueueStore` adds it. */
export async function withEvidence(
  snapshot: QueueSnapshot,
  scope: SnapshotScope,
  { process, history, heartbeats, sightings }: EvidenceOptions,
): Promise<QueueSnapshot> {
  const isByRef = snapshot.settings.heartbeat === 'ref';
  if (scope.rivals !== undefined && scope.witnesses === undefined) return withSuspects(snapshot, scope.rivals.now);
  if (scope.witnesses === undefined && (scope.renewals === undefined || !isByRef)) return snapshot;
  const renewals = newestBeats(isByRef ? await heartbeats.read() : []);
  const renewed = mapEntries(snapshot, (entry) => {
    const claim = claimOf(entry);
    const renewedAt = renewals.get(claimName(claim?.claimedBy ?? '-', entry.key, claim?.claimId));
    return renewedAt === undefined ? entry : { ...entry, renewedAt };
  });
  if (scope.witnesses === undefined) return renewed;
  const { now, limitMs = snapshot.settings.stalledAfterMs } = scope.witnesses;
  const claims = [...renewed.projects.values()].flatMap(({ entries }) =>
    entries.filter(({ state }) => state === 'claimed'),
  );
  const moment = { at: process.clock.now() };
  sightings.memory = afterLook(sightings.memory, claims.map(sightOf), moment);
  const judged: QueueSnapshot = scope.rivals === undefined ? renewed : { ...renewed, stalls: 'witnessed' };
  return mapEntries(judged, (entry) => {
    if (
      entry.state !== 'claimed' ||
      !needsEvidence(entry, now, { ms: limitMs, reviewMs: snapshot.settings.reviewAfterMs })
    )
      return entry;
    const written = parseTime(claimOf(entry)?.lastHeartbeat);
    const clock = written === undefined ? undefined : clockProof(historyOf(history, snapshot.tip, entry), written, now);
    const seen = watchedAt(sightings.memory, sightOf(entry).claim, moment);
    return { ...entry, evidence: { ...seen, ...given({ clock }) } };
  });
}

/** The snapshot with what a cheap look at the claimed files shows, as `ClaimSigns` adds it. */
function withSuspects(snapshot: QueueSnapshot, now: number): QueueSnapshot {
  let stalls: QueueSnapshot['stalls'] = 'none';
  const marked = mapEntries(snapshot, (entry) => {
    if (entry.state !== 'claimed') return entry;
    const limit = poolLimit(snapshot.settings);
    const own = isInReview(entry) ? reviewLimit(limit) : limit;
    const stallsAt = stallsAtEarliest([claimOf(entry)?.lastHeartbeat ?? ''], now, own);
    if (stallsAt <= now) stalls = 'suspected';
    return { ...entry, stallsAt };
  });
  return { ...marked, stalls };
}

function mapEntries(snapshot: QueueSnapshot, change: (entry: TaskEntry) => TaskEntry): QueueSnapshot {
  const projects = [...snapshot.projects].map(
    ([name, project]) => [name, { ...project, entries: project.entries.map(change) }] as const,
  );
  return { ...snapshot, projects: new Map(projects) };
}

/** Commit times are whole seconds. */
function historyOf(history: MemoryHistory, tip: string, { path }: TaskEntry) {
  const commits = [...history.line(tip)];
  const touches: number[] = [];
  for (const [index, { decided: plan }] of commits.entries()) {
    const change = plan.tasks.find(({ toPath }) => toPath === path);
    if (change === undefined || isRemark(change)) continue;
    touches.push(index);
    if (change.from !== 'claimed') break;
  }
  return { times: commits.map(({ timeMs }) => Math.floor(timeMs / 1000) * 1000), touches };
}

function claimOf({ reading }: TaskEntry) {
  return reading.kind === 'read' ? reading.task.claim : undefined;
}

function sightOf(entry: TaskEntry): Sight {
  const claim = claimOf(entry);
  const name = claimName(claim?.claimedBy ?? '-', entry.key, claim?.claimId);
  return { claim: `${entry.path} ${name}`, beat: `${claim?.lastHeartbeat} ${entry.renewedAt ?? '-'}` };
}
