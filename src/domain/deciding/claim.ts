import { describeNothingClaimable, describeStall, type NothingClaimable } from '../base/claimable.ts';
import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { ClaimRecord, TaskChange } from '../queue/edit.ts';
import type { ClaimIntent, TakenFrom, TaskFilter } from '../queue/intent.ts';
import { compareNatural } from '../queue/ordering.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type Task } from '../queue/task.ts';
import { type Decision, refused, TRAILER, trailersOf } from '../rules/decision.ts';
import { listed, unknownProject } from '../rules/unknown-names.ts';
import { resolveReadable, resolveReference } from './reference.ts';
import type { StalledClaims } from './stalled-claims.ts';

/** Takes the best claimable task for the agent, from a silent agent if it comes first, or says why there is none. */
export function decideClaim(state: QueueState, intent: ClaimIntent, now: number, stalled: StalledClaims): Decision {
  const { task: reference, filter, prefer } = intent;
  const noProject = unknownProject(filter.project, state.projectNames) ?? unknownProject(prefer, state.projectNames);
  if (noProject) return refused(noProject);
  if (reference) {
    const found = resolveReference(state, reference);
    if (found.kind === 'refused') return refused(found.refusal);
    const { entry } = found;
    if (entry.state === 'ready') {
      const resolved = resolveReadable(entry);
      if (resolved.kind === 'refused') return refused(resolved.refusal);
      if (state.isClaimable(entry) && matches(entry, filter)) return claim({ entry }, intent, state, now);
    }
    const isNamed = ({ key }: TaskEntry): boolean => formatKey(key) === formatKey(entry.key);
    const taken = stalled.take((one) => isNamed(one) && matches(one, filter), undefined, intent.request);
    if (taken !== undefined) return claim(taken, intent, state, now);
    // It may be blocked by now, since it has stalled too often.
    const [left = entry] = state.entriesNow(entry.key);
    const why = countReasons(state, filter, isNamed, stalled);
    return refused({ code: 'nothing-claimable', message: whyNot(state, left, filter, why.nextStallMs), why });
  }

  const isFitting = (entry: TaskEntry): boolean => matches(entry, filter);
  const best =
    (intent.prefer === undefined
      ? undefined
      : bestOf(state, stalled, (entry) => entry.key.project === intent.prefer && isFitting(entry), intent)) ??
    bestOf(state, stalled, isFitting, intent);
  if (best !== undefined) return claim(best, intent, state, now);

  const why = countReasons(state, filter, (entry) => inProject(entry, filter), stalled);
  return refused({ code: 'nothing-claimable', message: describeNothingClaimable(why, filter.project), why });
}

/** The first task in the order of claims that is wanted, whether it is ready or must be taken from a silent agent. */
function bestOf(
  state: QueueState,
  stalled: StalledClaims,
  isWanted: (entry: TaskEntry) => boolean,
  { request }: ClaimIntent,
): Taking | undefined {
  const ready = firstClaimable(state, isWanted);
  return stalled.take(isWanted, ready, request) ?? (ready && { entry: ready });
}

function firstClaimable(state: QueueState, isWanted: (entry: TaskEntry) => boolean): TaskEntry | undefined {
  for (const entry of state.claimableInOrder()) if (isWanted(entry)) return entry;
  return undefined;
}

/** A task of the ready folder that is about to be claimed. */
type Taking = { readonly entry: TaskEntry; readonly from?: TakenFrom };

/** Whether the task matches the filter; an unreadable task matches by its project alone. */
export function matches(entry: Pick<TaskEntry, 'key' | 'reading'>, filter: TaskFilter): boolean {
  if (!inProject(entry, filter) || filter.except?.includes(formatKey(entry.key))) return false;
  if (entry.reading.kind !== 'read') return true;
  const { task } = entry.reading;
  return (
    task.priority >= (filter.minPriority ?? Number.NEGATIVE_INFINITY) &&
    task.priority <= (filter.maxPriority ?? Number.POSITIVE_INFINITY) &&
    (filter.type === undefined || task.type === filter.type) &&
    Object.entries(filter.labels ?? {}).every(([key, value]) => hasLabel(task, key, value))
  );
}

function hasLabel(task: Task, key: string, value: string): boolean {
  return Object.hasOwn(task.labels, key) && String(task.labels[key]) === value;
}

function inProject(entry: Pick<TaskEntry, 'key'>, filter: TaskFilter): boolean {
  return filter.project === undefined || entry.key.project === filter.project;
}

function claim({ entry, from }: Taking, intent: ClaimIntent, { settings: pool }: QueueState, now: number): Decision {
  if (entry.reading.kind !== 'read') throw new Error(`${entry.path} was not read`);
  const { task } = entry.reading;
  const at = isoSeconds(now);
  const record: ClaimRecord = {
    claimedBy: intent.agent,
    claimedAt: at,
    lastHeartbeat: at,
    attempt: intent.attempt,
    claimId: intent.request,
  };
  const change: TaskChange = {
    key: entry.key,
    from: 'ready',
    to: 'claimed',
    fromPath: entry.path,
    toPath: pathIn(entry, 'claimed'),
    edits: [{ kind: 'append-claim', claim: record }],
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-CLAIM] ${intent.agent} claimed ${entry.key.id} from ${entry.key.project}`,
      trailers: [
        ...trailersOf(intent, [entry.key]),
        { key: TRAILER.attempts, value: String(intent.attempt) },
        { key: TRAILER.waitedMs, value: String(Math.round(intent.waitedMs)) },
      ],
      author: intent.agent,
      tasks: [change],
      files: [],
    },
    outcome: {
      kind: 'claimed',
      key: entry.key,
      ...given({ title: task.title, type: task.type }),
      priority: task.priority,
      path: change.toPath,
      claim: record,
      pool: { stalledAfterMs: pool.stalledAfterMs, heartbeat: pool.heartbeat },
      ...given({ takenFrom: from }),
    },
  };
}

function countReasons(
  state: QueueState,
  filter: TaskFilter,
  concerns: (entry: TaskEntry) => boolean,
  stalled: StalledClaims,
): NothingClaimable {
  const counts = { waiting: 0, claimed: 0, completed: 0, unreadable: 0, inTwoStates: 0, filteredOut: 0 };
  const otherStatus: Record<string, number> = {};
  const waitedFor = new Map<string, number>();
  for (const entries of state.all()) {
    const [entry, second] = entries;
    if (!entry || !concerns(entry)) continue;
    if (second) counts.inTwoStates++;
    else if (entry.state !== 'ready') counts[entry.state]++;
    else if (entry.reading.kind !== 'read') counts.unreadable++;
    else if (!matches(entry, filter)) counts.filteredOut++;
    else if (entry.reading.task.status !== 'ready') {
      const status = entry.reading.task.status ?? 'no status';
      otherStatus[status] = (otherStatus[status] ?? 0) + 1;
      countMissing(state, entry, waitedFor);
    } else {
      counts.waiting++;
      countMissing(state, entry, waitedFor);
    }
  }
  const [top] = [...waitedFor].sort((a, b) => b[1] - a[1] || compareNatural(a[0], b[0]));
  return {
    ...counts,
    otherStatus,
    ...(top ? { mostWaitedFor: { dependency: top[0], waiting: top[1] } } : {}),
    ...given({ nextStallMs: counts.claimed === 0 ? undefined : stalled.nextAmong(concerns) }),
  };
}

function countMissing(state: QueueState, entry: TaskEntry, waitedFor: Map<string, number>): void {
  for (const id of state.missing(entry)) {
    const name = formatKey({ project: entry.key.project, id });
    waitedFor.set(name, (waitedFor.get(name) ?? 0) + 1);
  }
}

function whyNot(state: QueueState, entry: TaskEntry, filter: TaskFilter, stallMs: number | undefined): string {
  const name = formatKey(entry.key);
  const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
  if (entry.state === 'claimed') {
    const until = stallMs === undefined ? '' : `; ${describeStall(stallMs, 'this claim')}`;
    return `${name} is claimed by ${task?.claim?.claimedBy ?? 'somebody'}${until}`;
  }
  if (entry.state === 'completed') return `${name} is completed`;
  if (task?.status !== 'ready') return `${name} has status ${task?.status ?? '(none)'}, not ready`;
  const missing = state.missing(entry);
  if (missing.length > 0) return `${name} waits for ${listed(missing)}`;
  return `${name} does not match the filter (${Object.keys(filter).join(', ')})`;
}
