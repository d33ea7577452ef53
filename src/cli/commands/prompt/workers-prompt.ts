import { expandBranch } from '../../../domain/base/branch-template.ts';
import { Failure } from '../../../domain/base/failure.ts';
import type { QueueSnapshot } from '../../../domain/queue/snapshot.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { taskFacts } from '../../../engine/prompt/task-facts.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Job } from '../../../engine/work/job.ts';
import { writePrompt } from './write-prompt.ts';

/** What a worker knows of the task that it has claimed. */
export interface WorkersTask {
  /** The task's file as the claim left it, and the queue at that moment, in which it was read. */
  readonly text: Uint8Array;
  readonly snapshot: QueueSnapshot;
  readonly worktree?: { readonly path: string; readonly branch: string };
  /** The branch that the worktree is for. */
  readonly base?: string;
  /** How the worker names branches; absent: as the queue's settings say. */
  readonly branchName?: string;
}

/**
 * The prompt for a command of `agentq work`.
 * @throws Failure of the remote
 */
export async function workersPrompt(queue: Queue, job: Job, known: WorkersTask, template: string): Promise<string> {
  const { task: key, agent, commit } = job;
  const { text, snapshot, worktree, base, branchName = snapshot.settings.branchName } = known;
  const entry = snapshot.projects.get(key.project)?.entries.find((one) => one.key.id === key.id);
  if (entry?.reading.kind !== 'read') throw new Failure('internal', `${formatKey(key)} was not read`);
  const { task } = entry.reading;
  const reader = await queue.read(commit === undefined ? 'tip' : 'clone');
  const facts = await taskFacts(reader, { entry, task, snapshot, branchName }, commit === undefined ? {} : { commit });
  const naming = { project: key.project, task: key.id, agent };
  const situation = {
    agent,
    holds: 'worker',
    queueBranch: queue.place.branch,
    branch: worktree?.branch ?? expandBranch(branchName, naming),
    worktree: worktree?.path,
    base: base ?? snapshot.settings.base,
  } as const;
  return writePrompt(facts, situation, text, template).text;
}
