import type { Job, TaskResult } from './job.ts';

/** What happens while agents work, as data: the log, the progress display and the demo fold over this one union. */
export type WorkEvent =
  /** An agent looks for a task. */
  | { readonly kind: 'claiming'; readonly agent: string }
  | { readonly kind: 'claimed'; readonly job: Job; readonly at: number }
  /** The command for the task was started. */
  | { readonly kind: 'running'; readonly job: Job; readonly attempt: number }
  /** It failed, and will be tried again with the claim kept. */
  | {
      readonly kind: 'retrying';
      readonly job: Job;
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  /** The command is being stopped. */
  | { readonly kind: 'stopping'; readonly job: Job; readonly reason: string }
  | { readonly kind: 'finished'; readonly result: TaskResult }
  /** Nothing for this agent to do now; it waits for the others, or for the queue. */
  | { readonly kind: 'idle'; readonly agent: string; readonly why: string }
  | { readonly kind: 'left'; readonly agent: string }
  /** Claims were renewed, all by one push. `commit`: undefined where it was a push of refs. */
  | { readonly kind: 'renewed'; readonly jobs: readonly Job[]; readonly commit: string | undefined }
  | { readonly kind: 'not-renewed'; readonly jobs: readonly Job[]; readonly reason: string; readonly delayMs: number }
  /** Something with the remote; it is tried again. */
  | { readonly kind: 'trouble'; readonly agent: string; readonly message: string; readonly delayMs: number }
  /** What became of a task could not be said; it is kept, and said again. */
  | {
      readonly kind: 'untold';
      readonly job: Job;
      readonly what: 'completed' | 'given back';
      readonly failures: number;
      readonly reason: string;
      readonly delayMs: number;
    }
  /** It has been tried to say it for so long (ms), without an answer yet. */
  | { readonly kind: 'unheard'; readonly job: Job; readonly what: 'completed' | 'given back'; readonly sinceMs: number }
  /** The machine has no room for this task now; its agent waits for some. */
  | { readonly kind: 'no-room'; readonly job: Job; readonly reason: string }
  /** The worker was told to end: with `running` commands that get some time, or at once. */
  | { readonly kind: 'shutdown'; readonly how: 'gracefully' | 'at-once'; readonly running: number }
  | { readonly kind: 'warning'; readonly agent: string; readonly message: string };
