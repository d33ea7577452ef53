import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { Failure } from '../../domain/base/failure.ts';
import type { TaskFilter } from '../../domain/intents/intent.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { CheckoutFollower } from '../work/checkout-follower.ts';
import type { WorkEvent } from '../work/events.ts';
import type { TaskResult } from '../work/job.ts';
import type { TaskRules } from '../work/task-run.ts';
import type { WorkQueue } from '../work/work-queue.ts';
import type { Workspaces } from '../work/workspace.ts';

export interface PoolOptions {
  /** At least one; each works on one task at a time. */
  readonly agents: readonly string[];
  readonly filter: TaskFilter;
  readonly prefer: string | undefined;
  /** Time (ms) between the starts of two agents. */
  readonly staggerMs: number;
  /** Most tasks of all agents together. */
  readonly maxTasks: number | undefined;
  /** One task per agent, or as many as there are. */
  readonly until: 'one-task' | 'nothing-claimable';
  /** What agents do that find nothing; `ms`: how long they wait, undefined: forever. */
  readonly idle: { readonly kind: 'leave' } | { readonly kind: 'wait'; readonly ms: number | undefined };
  readonly heartbeatMs: number | undefined;
  readonly rules: TaskRules;
}

export interface PoolParts {
  readonly queue: WorkQueue;
  readonly workspaces: Workspaces;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Aborted to end the pool: no new claims, running commands get some time. */
  readonly interrupt: AbortSignal;
  /** Aborted to end the pool at once. */
  readonly urgent: AbortSignal;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  onEvent(event: WorkEvent): void;
  /** Follows what is pushed. */
  readonly checkout: Pick<CheckoutFollower, 'claimed' | 'pushed'>;
}

/** What a pool has done by its end. */
export interface PoolReport {
  readonly results: readonly TaskResult[];
  /** Why nothing could be claimed at the last try. */
  readonly nothing: Failure | undefined;
  /** What made the pool end early. */
  readonly failure: Failure | undefined;
}
