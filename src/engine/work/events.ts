import type { Job, TaskResult } from './job.ts';

/** What the queue is to be told about a task. */
export type Told = 'completed' | 'put into review' | 'given back';

/** What happens while agents work, as data. The log, the progress display and the demo fold over this one union. */
export type WorkEvent =
  /** An agent looks for a task. */
  | { readonly kind: 'claiming'; readonly agent: string }
  | { readonly kind: 'claimed'; readonly job: Job; readonly at: number }
  /** The command for the task was started. */
  | { readonly kind: 'running'; readonly job: Job; readonly attempt: number }
  /** The command succeeded, and one of the checks after it was started. */
  | { readonly kind: 'checking'; readonly job: Job; readonly check: string }
  /** The command failed and will be tried again; the claim is kept. */
  | {
      readonly kind: 'retrying';
      readonly job: Job;
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  /** Others have changed the task; the command's file says so now. */
  | { readonly kind: 'changed'; readonly job: Job; readonly changed: readonly string[] }
  /** The command is being stopped. */
  | { readonly kind: 'stopping'; readonly job: Job; readonly reason: string }
  /** The command is over, and its task is to be given back: its agent has failed at it, or puts it off. */
  | { readonly kind: 'giving-back'; readonly job: Job; readonly because: 'failed' | 'deferred' }
  | { readonly kind: 'finished'; readonly result: TaskResult }
  /** This agent has nothing to do now; it waits for the others, or for the queue. */
  | { readonly kind: 'idle'; readonly agent: string; readonly why: string }
  /** The agent's command cannot work now: no agent of this process claims for this long. */
  | { readonly kind: 'pausing'; readonly agent: string; readonly pauseMs: number; readonly reason: string }
  | { readonly kind: 'left'; readonly agent: string }
  /** Claims were renewed, all by one push. `commit`: undefined if it was a push of refs. */
  | { readonly kind: 'renewed'; readonly jobs: readonly Job[]; readonly commit: string | undefined }
  | { readonly kind: 'not-renewed'; readonly jobs: readonly Job[]; readonly reason: string; readonly delayMs: number }
  /** Trouble with the remote; the claim is tried again. */
  | { readonly kind: 'trouble'; readonly agent: string; readonly message: string; readonly delayMs: number }
  /** The result of a task could not be reported; it is kept, and reported again. */
  | {
      readonly kind: 'untold';
      readonly job: Job;
      readonly what: Told;
      readonly failures: number;
      readonly reason: string;
      readonly delayMs: number;
    }
  /** The report of a task's result has had no answer for this long (ms). */
  | { readonly kind: 'unheard'; readonly job: Job; readonly what: Told; readonly sinceMs: number }
  /** The machine has no room for this task now; its agent waits for room. */
  | { readonly kind: 'no-room'; readonly job: Job; readonly reason: string }
  /** The worker was told to end: at once, or with some time for the `running` commands. */
  | { readonly kind: 'shutdown'; readonly how: 'gracefully' | 'at-once'; readonly running: number }
  | { readonly kind: 'warning'; readonly agent: string; readonly message: string };
