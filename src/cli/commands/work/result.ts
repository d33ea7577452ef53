import { formatKey } from '../../../domain/queue/task.ts';
import type { TaskResult } from '../../../engine/work/job.ts';
import type { Place } from '../../command/answers.ts';

/** A task that a worker has worked on. */
export interface WorkedTask {
  readonly agent: string;
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly claimId: string;
  readonly outcome: TaskResult['outcome'];
  readonly reason: string | null;
  /** null if a signal ended the command, or if it was never started. */
  readonly exitCode: number | null;
  readonly attempts: number;
  /** How often workers have failed at the task; null unless this was one of them. */
  readonly failures: number | null;
  readonly elapsedMs: number;
  readonly commit: string | null;
  /** What the command said about its work in its result file, over all attempts. */
  readonly prUrl: string | null;
  readonly summary: string | null;
  readonly costUsd: number | null;
  readonly tokens: number | null;
  readonly unblocked: readonly string[];
  /** A worktree that was kept. */
  readonly worktree: string | null;
  /** A branch with commits of the task. */
  readonly branch: string | null;
  readonly log: string | null;
}

/** What `agentq work` did. */
export interface WorkResult extends Place {
  readonly agents: readonly string[];
  readonly completed: number;
  readonly inReview: number;
  /** Tasks that were given back with a question. */
  readonly asked: number;
  readonly failed: number;
  readonly lost: number;
  readonly givenBack: number;
  /** Tasks that the command put off (exit 75), and that were not done later. */
  readonly deferred: number;
  readonly once: boolean;
  readonly tasks: readonly WorkedTask[];
  readonly elapsedMs: number;
}

type Counts = Pick<WorkResult, 'completed' | 'inReview' | 'asked' | 'failed' | 'lost' | 'givenBack' | 'deferred'>;

/** How many tasks ended how. */
export function countsOf(results: readonly TaskResult[]): Counts {
  const count = (...outcomes: readonly TaskResult['outcome'][]): number =>
    results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return {
    completed: count('completed'),
    inReview: count('review'),
    asked: count('asked'),
    failed: count('failed', 'blocked'),
    lost: count('lost', 'unsettled'),
    givenBack: count('interrupted', 'no-room', 'deferred'),
    deferred: [...lastOutcomes(results).values()].filter((outcome) => outcome === 'deferred').length,
  };
}

function lastOutcomes(results: readonly TaskResult[]): Map<string, TaskResult['outcome']> {
  return new Map(results.map(({ job, outcome }) => [formatKey(job.task), outcome]));
}

/** What became of a task, as answers have it. */
export function toWorked({ job, left, ...result }: TaskResult): WorkedTask {
  return {
    agent: job.agent,
    project: job.task.project,
    task: job.task.id,
    title: job.title ?? null,
    claimId: job.claimId,
    outcome: result.outcome,
    reason: result.reason ?? null,
    exitCode: result.exitCode ?? null,
    attempts: result.attempts,
    failures: result.failures ?? null,
    elapsedMs: result.elapsedMs,
    commit: result.commit ?? null,
    prUrl: result.prUrl ?? null,
    summary: result.report?.summary ?? null,
    costUsd: result.report?.costUsd ?? null,
    tokens: result.report?.tokens ?? null,
    unblocked: result.unblocked.map(({ project, id }) => `${project}/${id}`),
    worktree: left.keptAt ?? null,
    branch: left.branch ?? null,
    log: left.log ?? null,
  };
}
