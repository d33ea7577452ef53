import type { TaskFailure } from '../queue/snapshot.ts';
import type { Task, TaskKey } from '../queue/task.ts';

/** What a prompt says about a task that this one requires. */
export interface Requirement {
  readonly key: TaskKey;
  readonly title: string | undefined;
  readonly state: 'completed' | 'in review' | 'not completed';
  readonly prUrl: string | undefined;
  /** A branch of the remote that has its work; undefined: there is none. */
  readonly branch: string | undefined;
}

/** What the queue knows about a task. */
export interface TaskFacts {
  readonly key: TaskKey;
  readonly task: Task;
  readonly requires: readonly Requirement[];
  /** The last times that a worker's command for it failed, oldest first. */
  readonly failures: readonly TaskFailure[];
}

/** Where and for whom the work is. */
export interface Situation {
  /** undefined: nobody has said who works. */
  readonly agent: string | undefined;
  /**
   * `worker`: `agentq work` renews the claim and ends the task; `holder`: the agent does; `nobody` of these holds it.
   */
  readonly holds: 'worker' | 'holder' | 'nobody';
  /** The coordination branch, which is not for work. */
  readonly queueBranch: string;
  /** The branch for the work; undefined: that of the worktree, whatever it is. */
  readonly branch: string | undefined;
  /** The worktree that is ready for it; undefined: none. */
  readonly worktree: string | undefined;
  /** The branch that the work starts from and is for; undefined: the repository's default branch. */
  readonly base: string | undefined;
}
