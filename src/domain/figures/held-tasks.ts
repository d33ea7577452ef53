import {
  heartbeatWitness,
  isInReview,
  isStalled,
  parseTime,
  poolLimit,
  type SilenceLimit,
} from '../leases/staleness.ts';
import type { TaskEvent } from '../past/task-event.ts';
import { compareNatural } from '../queue/ordering.ts';
import { everyEntry, type QueueSnapshot, type TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type Task, type TaskKey } from '../queue/task.ts';

/** A task that an agent holds. */
export interface HeldTask {
  readonly key: TaskKey;
  readonly title: string | undefined;
  readonly claimId: string | undefined;
  /** ms since the epoch, as are all times here; undefined: not known. */
  readonly claimedAt: number | undefined;
  readonly lastHeartbeat: number | undefined;
  /** `stalled`: silent for so long that anybody may take the task; `review`: done, and needs no heartbeats. */
  readonly condition: 'working' | 'silent' | 'stalled' | 'review';
}

/**
 * Every task that an agent holds, in the order of the tree.
 * @param claims when each task was last claimed, by its name, as the branch says: what files say about it may be
 * invented
 */
export function* heldTasks(
  snapshot: QueueSnapshot,
  claims: ReadonlyMap<string, TaskEvent>,
  now: number,
): Generator<{ readonly agent: string; readonly task: HeldTask }> {
  const limit = poolLimit(snapshot.settings);
  for (const project of snapshot.projects.values()) {
    for (const entry of everyEntry(project)) {
      if (entry.state !== 'claimed' || entry.reading.kind !== 'read') continue;
      const agent = entry.reading.task.claim?.claimedBy;
      if (agent === undefined) continue;
      const said = claims.get(formatKey(entry.key));
      yield {
        agent,
        task: heldTask(
          entry,
          entry.reading.task,
          said?.agent === agent ? Math.min(said.at, now) : undefined,
          limit,
          now,
        ),
      };
    }
  }
}

/** @param claimedAt the time of the commit, which nobody invents; undefined: it is not in the window */
function heldTask(
  entry: TaskEntry,
  { title, claim }: Task,
  claimedAt: number | undefined,
  limit: SilenceLimit,
  now: number,
): HeldTask {
  const sign = heartbeatWitness(entry, now);
  const written = parseTime(claim?.claimedAt);
  return {
    key: entry.key,
    title,
    claimId: claim?.claimId,
    claimedAt: claimedAt ?? (written !== undefined && written <= now ? written : undefined),
    lastHeartbeat: sign.kind === 'none' ? undefined : Math.min(sign.at, now),
    condition: conditionOf(entry, limit, now),
  };
}

/** Heartbeats come at least every third of the limit: after half of it, one is missing. */
function conditionOf(entry: TaskEntry, limit: SilenceLimit, now: number): HeldTask['condition'] {
  if (isStalled(entry, now, limit)) return 'stalled';
  if (isInReview(entry)) return 'review';
  return isStalled(entry, now, { ...limit, ms: limit.ms / 2 }) ? 'silent' : 'working';
}

const CONDITIONS: readonly HeldTask['condition'][] = ['working', 'silent', 'stalled', 'review'];

/** The one that is worked on first, those in review last. */
export function byCondition(a: HeldTask, b: HeldTask): number {
  const [first, second] = [CONDITIONS.indexOf(a.condition), CONDITIONS.indexOf(b.condition)];
  return first - second || (b.lastHeartbeat ?? 0) - (a.lastHeartbeat ?? 0) || compareNatural(a.key.id, b.key.id);
}
