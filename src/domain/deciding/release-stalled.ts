import { formatDuration } from '../base/duration.ts';
import { given } from '../base/given.ts';
import type { ReleaseStalledIntent } from '../intents/intent.ts';
import type { StalledTask } from '../intents/outcome.ts';
import { askedLimit, isStalled, poolLimit, type SilenceLimit, silenceOf } from '../leases/staleness.ts';
import type { CommitDraft, FileWrite, TaskChange } from '../queue/edit.ts';
import { compareForListing } from '../queue/ordering.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type Task } from '../queue/task.ts';
import { changedTask } from '../resolving/changed-task.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';
import { blockingEdits, giveBackEdits } from '../rules/give-back.ts';
import { ledgersAfter } from '../rules/ledger.ts';
import { unknownProject } from '../rules/unknown-names.ts';

/** A claim whose agent fell silent, and what becomes of its task. */
export interface Stalled {
  readonly entry: TaskEntry;
  readonly task: Task;
  readonly silentMs: number;
  readonly stalls: number;
  readonly isBlocked: boolean;
}

/**
 * Takes back every claim whose agent fell silent, all in one commit, and counts it. A task that stalled too often is
 * blocked: whatever kills its agents must not eat the pool forever.
 *
 * A claimed file that cannot be read stays where it is: it does not say who owns it, and it cannot be restored.
 */
export function decideReleaseStalled(state: QueueState, intent: ReleaseStalledIntent, now: number): Decision {
  const noProject = unknownProject(intent.project, state.projectNames);
  if (noProject) return refused(noProject);
  const limit =
    intent.olderThanMs === undefined ? poolLimit(state.settings) : askedLimit(intent.olderThanMs, state.settings);
  const olderThanMs = limit.ms;
  const stalled = findStalled(state, intent.project, limit, now);
  const outcome = { kind: 'released-stalled' as const, olderThanMs, tasks: stalled.map(toTask) };
  if (stalled.length === 0) return { kind: 'unchanged', outcome };
  const tasks = stalled.map(changeOf);
  return { kind: 'commit', commit: stalledCommit(intent, tasks, ledgersAfter(state, tasks), olderThanMs), outcome };
}

/** The commit that gives stalled claims back. */
export function stalledCommit(
  { agent, request }: Pick<ReleaseStalledIntent, 'agent' | 'request'>,
  tasks: readonly TaskChange[],
  files: readonly FileWrite[],
  limitMs: number,
): CommitDraft {
  return {
    subject: `[ORCHESTRATOR] Released ${tasks.length} stalled tasks (no heartbeat for ${formatDuration(limitMs)})`,
    trailers: trailersOf(
      { agent, request },
      tasks.map(({ key }) => key),
    ),
    author: agent,
    tasks,
    files,
  };
}

function findStalled(state: QueueState, project: string | undefined, limit: SilenceLimit, now: number): Stalled[] {
  const stalled: Stalled[] = [];
  for (const entry of state.inState('claimed')) {
    if (project !== undefined && entry.key.project !== project) continue;
    const one = judgeStalled(state, entry, limit, now);
    if (one !== undefined) stalled.push(one);
  }
  return stalled.sort((a, b) => compareForListing(a.entry, b.entry));
}

/** Whether the owner of this claimed task has been silent for too long; undefined: it has not, or nothing tells. */
export function judgeStalled(
  state: QueueState,
  entry: TaskEntry,
  limit: SilenceLimit,
  now: number,
): Stalled | undefined {
  if (entry.reading.kind !== 'read') return undefined;
  const silentMs = silenceOf(entry, now);
  if (silentMs === undefined || !isStalled(entry, now, limit)) return undefined;
  const stalls = state.stalls(entry.key) + 1;
  const isBlocked = stalls >= state.settings.maxReleases;
  return { entry, task: entry.reading.task, silentMs, stalls, isBlocked };
}

/** The change that gives the task back, or blocks it if it has stalled too often. */
export function changeOf({ entry, task, stalls, isBlocked }: Stalled): TaskChange {
  const blocking = blockingEdits(reasonOf(entry, task, stalls));
  return {
    key: entry.key,
    from: 'claimed',
    to: 'ready',
    fromPath: entry.path,
    toPath: pathIn(entry, 'ready'),
    edits: isBlocked ? [{ kind: 'remove-claim' }, ...blocking] : giveBackEdits(task),
    stalls,
  };
}

/** Without colon and comma, so that it needs no quotes in either notation. */
function reasonOf(entry: TaskEntry, { claim }: Task, stalls: number): string {
  const last = claim?.claimedBy === undefined ? '' : ` - last held by ${claim.claimedBy}`;
  const times = stalls === 1 ? 'once' : `${stalls} times`;
  return `stalled ${times}${last} - free it with agentq unblock --task ${formatKey(entry.key)}`;
}

function toTask({ entry, task, silentMs, stalls, isBlocked }: Stalled): StalledTask {
  const agent = task.claim?.claimedBy;
  return {
    ...changedTask(entry, pathIn(entry, 'ready')),
    ...given({ agent }),
    silentMs,
    stalls,
    isBlocked,
  };
}
