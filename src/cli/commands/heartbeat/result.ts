import type { Place, TaskLine } from '../../command/answers.ts';
import type { LostTask } from '../../presence/lost-tasks.ts';

export interface HeartbeatResult extends Place, TaskLine {
  /** null if nothing had to change: it was renewed within the same second. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly lastHeartbeat: string;
  /** What others have changed of the task since the last heartbeat, or since the claim: `title`, `notes` and so on. */
  readonly changed: readonly string[];
  /** Only with `--watch`: the number of heartbeats sent. */
  readonly beats?: number;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** One of all tasks that an agent holds. */
export interface RenewedTask {
  readonly project: string;
  readonly task: string;
  readonly lastHeartbeat: string;
  /** What others have changed of the task since its agent last looked, such as `title`. */
  readonly changed: readonly string[];
}

/** The answer of `--mine`. */
export interface MineResult {
  /** null if nothing was asked. */
  readonly branch: string | null;
  readonly remote: string | null;
  /** null: nobody has said who it is. */
  readonly agent: string | null;
  readonly renewed: readonly RenewedTask[];
  readonly lost: readonly LostTask[];
  /** Why nothing was done; `failed`: a hook tries again with the next call. null: the remote was asked. */
  readonly skipped: 'recent' | 'worker' | 'nobody' | 'failed' | null;
  readonly presentation: { readonly as: 'lines' | 'hook' };
}
