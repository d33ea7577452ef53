import type { Place, TaskLine } from '../../command/answers.ts';

export interface HeartbeatResult extends Place, TaskLine {
  /** null if nothing had to change: it was renewed within the same second. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly lastHeartbeat: string;
  /** Only with `--watch`: the number of heartbeats sent. */
  readonly beats?: number;
  readonly attempts: number;
  readonly elapsedMs: number;
}
