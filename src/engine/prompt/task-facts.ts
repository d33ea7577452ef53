import { likelyBranches } from '../../domain/base/branch-template.ts';
import { isInReview } from '../../domain/leases/staleness.ts';
import type { Requirement, TaskFacts } from '../../domain/prompt/facts.ts';
import { requiredKeys } from '../../domain/queue/dependency-entry.ts';
import { QueueState } from '../../domain/queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import { formatKey, type Task, type TaskKey } from '../../domain/queue/task.ts';
import type { Reader, SnapshotOptions } from '../queue/reader.ts';

/** A task of a snapshot, whose file was read in it. */
export interface ReadTask {
  readonly entry: TaskEntry;
  readonly task: Task;
  readonly snapshot: QueueSnapshot;
  /** How the branches of work are named; absent: as the queue's settings say. */
  readonly branchName?: string;
}

/**
 * What a prompt says about the task, including what it builds on: that takes another look at the queue, and at the
 * remote's branches, if the task requires anything.
 * @param at where the queue is read
 * @throws Failure of the remote
 */
export async function taskFacts(
  reader: Pick<Reader, 'snapshot' | 'code'>,
  { entry, task, snapshot, branchName = snapshot.settings.branchName }: ReadTask,
  at: SnapshotOptions,
): Promise<TaskFacts> {
  const { key } = entry;
  const failures = new QueueState(snapshot).failures(key).last;
  const ids = requiredKeys(task.required, key.project);
  const keys = [...new Map(ids.map((one) => [formatKey(one), one])).values()];
  if (keys.length === 0) return { key, task, requires: [], failures };
  const read = new Set<never>();
  // Other projects may live on other branches: only their tips tell.
  const isOwn = keys.every(({ project }) => project === key.project);
  const options = { ...(isOwn ? at : {}), unreadable: 'leave' } as const;
  const others = await reader.snapshot({ read, ids: new Set(keys.map(({ id }) => id)) }, options);
  const state = new QueueState(others);
  const found = keys.map((one) => ({ key: one, entry: entryOf(state, one) }));
  const named = found.map((one) => namesOf(one.key, one.entry, branchName));
  const tips = await branchesOf(reader, named.flat());
  const requires = found.map((one, index) => {
    const branch = named[index]?.find((name) => tips.has(name));
    return requirementOf(one.key, one.entry, branch);
  });
  return { key, task, requires, failures };
}

function entryOf(state: QueueState, key: TaskKey): TaskEntry | undefined {
  const found = state.lookup(key);
  return found.kind === 'found' ? found.entry : undefined;
}

function requirementOf(key: TaskKey, entry: TaskEntry | undefined, branch: string | undefined): Requirement {
  const task = entry?.reading.kind === 'read' ? entry.reading.task : undefined;
  const isReviewed = entry !== undefined && isInReview(entry);
  const state = entry?.state === 'completed' ? 'completed' : isReviewed ? 'in review' : 'not completed';
  const prUrl = state === 'completed' ? task?.completion?.prUrl : isReviewed ? task?.claim?.prUrl : undefined;
  return { key, title: task?.title, state, prUrl, branch };
}

/** The names that the branch of the task's work most likely has, the likeliest first. */
function namesOf({ project, id }: TaskKey, entry: TaskEntry | undefined, template: string): readonly string[] {
  const task = entry?.reading.kind === 'read' ? entry.reading.task : undefined;
  const agent = task?.completion?.completedBy ?? task?.claim?.claimedBy ?? 'agent';
  return likelyBranches(template, { project, task: id, agent });
}

/** A prompt that names no branch is better than none. */
async function branchesOf(
  { code }: Pick<Reader, 'code'>,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return code.tips([...new Set(names)]).catch(() => new Map<string, string>());
}
