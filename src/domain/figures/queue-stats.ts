import { isInReview, isStalled, poolLimit } from '../leases/staleness.ts';
import { type BatchProgress, neededFor, parseHold } from '../queue/batches.ts';
import { compareNatural, compareText } from '../queue/ordering.ts';
import { QueueState } from '../queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../queue/snapshot.ts';
import { ClaimRoom } from '../rules/claim-room.ts';
import { conditionOf, type Readiness, ReadinessJudge } from '../rules/readiness.ts';
import { type HeldBack, HeldBackCounts } from './held-back.ts';

/** Tasks by what can be done with them. Each is counted once, so that all but `stalled` add up to `total`. */
export interface TaskCounts {
  readonly total: number;
  readonly completed: number;
  /** Claimable now. */
  readonly ready: number;
  /** For dependencies. */
  readonly waiting: number;
  /** Until a share of a batch is complete. */
  readonly held: number;
  /** For a person's answer. */
  readonly asking: number;
  /** By a person, or because they stalled too often. */
  readonly blocked: number;
  /** Nobody is to do them any more. */
  readonly cancelled: number;
  /** Blocked by their status alone: `agentq unblock` opens them. */
  readonly due: number;
  readonly inProgress: number;
  /** Done, and waiting to be merged. */
  readonly review: number;
  /** Of those in progress or in review: without a sign of their agents for too long. */
  readonly stalled: number;
  readonly unreadable: number;
  /** In two folders at once. */
  readonly conflicting: number;
}

export interface ProjectStats extends TaskCounts {
  readonly project: string;
  readonly batches: readonly BatchStats[];
}

export interface BatchStats extends BatchProgress {
  readonly batch: string;
  /** What waits for a share of it. */
  readonly holds: readonly HoldStats[];
}

export interface HoldStats {
  readonly percent: number;
  /** Tasks of the batch that must be complete for it. */
  readonly needed: number;
  /** Tasks that are held back by it. */
  readonly tasks: number;
}

export interface QueueStats {
  /** In natural order. */
  readonly projects: readonly ProjectStats[];
  readonly all: TaskCounts;
  readonly heldBack: HeldBack;
}

/** The counts of a project without tasks. */
export const NO_COUNTS: TaskCounts = {
  total: 0,
  completed: 0,
  ready: 0,
  waiting: 0,
  held: 0,
  asking: 0,
  blocked: 0,
  cancelled: 0,
  due: 0,
  inProgress: 0,
  review: 0,
  stalled: 0,
  unreadable: 0,
  conflicting: 0,
};

type Counts = { -readonly [Name in keyof TaskCounts]: number };

const COUNT_OF: Readonly<Record<Readiness, Exclude<keyof TaskCounts, 'total'>>> = {
  open: 'ready',
  waiting: 'waiting',
  held: 'held',
  due: 'due',
  asking: 'asking',
  blocked: 'blocked',
  cancelled: 'cancelled',
  unreadable: 'unreadable',
};

/**
 * What is in the queue, counted. Completed files need not be read unless batches are named.
 * @param project only this one
 * @param now milliseconds since the epoch
 */
export function statsOf(snapshot: QueueSnapshot, now: number, project?: string): QueueStats {
  const state = new QueueState(snapshot);
  const judge = new ReadinessJudge(state);
  const counts = new Map<string, Counts>();
  const holds = new Map<string, Map<string, number>>();
  const heldBack = new HeldBackCounts(new ClaimRoom(state));
  for (const name of state.projectNames)
    if (project === undefined || name === project) counts.set(name, { ...NO_COUNTS });
  for (const entries of state.all()) {
    const [entry, second] = entries;
    const count = entry && counts.get(entry.key.project);
    if (!entry || !count) continue;
    count.total++;
    if (second !== undefined) count.conflicting++;
    else if (entry.state === 'completed') count.completed++;
    else if (entry.reading.kind !== 'read') count.unreadable++;
    else if (entry.state === 'claimed') {
      count[isInReview(entry) ? 'review' : 'inProgress']++;
      if (isStalled(entry, now, poolLimit(snapshot.settings))) count.stalled++;
    } else {
      const readiness = judge.readinessOf(entry);
      if (readiness === 'open') heldBack.ask(entry);
      // A pending task that does not say what it waits for is not blocked: `list` calls it waiting, too.
      const isPending = readiness === 'blocked' && conditionOf(state, entry) === 'waiting';
      count[isPending ? 'waiting' : COUNT_OF[readiness]]++;
      if (readiness === 'held' || readiness === 'waiting') noteHold(holds, entry);
    }
  }
  const projects = [...counts]
    .sort(([a], [b]) => compareNatural(a, b))
    .map(([name, count]) => ({ project: name, ...count, batches: batchStats(judge.batches(name), holds.get(name)) }));
  const all = projects.reduce<Counts>((sum, count) => added(sum, count), { ...NO_COUNTS });
  return { projects, all, heldBack: heldBack.result(project) };
}

/** Whole percent, rounded down: an incomplete batch is not at 100%, and an empty one is at 0%. */
export function percentOf({ completed, total }: BatchProgress): number {
  return total === 0 ? 0 : Math.floor((completed * 100) / total);
}

function noteHold(holds: Map<string, Map<string, number>>, { key, reading }: TaskEntry): void {
  const condition = reading.kind === 'read' ? reading.task.holdUntil : undefined;
  if (condition === undefined) return;
  const held = holds.get(key.project) ?? new Map<string, number>();
  held.set(condition, (held.get(condition) ?? 0) + 1);
  holds.set(key.project, held);
}

/** Batches that only waiting tasks name are listed too: they have no tasks, which is what is wrong with them. */
function batchStats(
  batches: ReadonlyMap<string, BatchProgress>,
  holds: ReadonlyMap<string, number> | undefined,
): BatchStats[] {
  const stats = new Map<string, BatchProgress & { holds: HoldStats[] }>();
  for (const [batch, progress] of batches) stats.set(batch, { ...progress, holds: [] });
  for (const [condition, tasks] of holds ?? []) {
    const parsed = parseHold(condition);
    if (parsed.kind === 'problem') continue;
    const { batch, percent } = parsed.hold;
    const known = stats.get(batch) ?? { completed: 0, total: 0, holds: [] };
    known.holds.push({ percent, needed: neededFor(parsed.hold, known.total), tasks });
    stats.set(batch, known);
  }
  return [...stats]
    .sort(([a], [b]) => compareNatural(a, b) || compareText(a, b))
    .map(([batch, { holds: held, ...progress }]) => ({
      batch,
      ...progress,
      holds: held.sort((a, b) => a.percent - b.percent),
    }));
}

function added(sum: Counts, more: TaskCounts): Counts {
  for (const name of Object.keys(sum) as (keyof TaskCounts)[]) sum[name] += more[name];
  return sum;
}
