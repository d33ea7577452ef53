import type { CheckId, Level } from '../../../domain/health/check.ts';
import type { Place } from '../../command/answers.ts';

/** A check, as the document has it. */
export interface CheckView {
  readonly id: CheckId;
  readonly level: Level;
  readonly message: string;
  /** What to do, or what follows. */
  readonly advice: string | null;
  /** Whether the check could be done; if not, the message says why. */
  readonly done: boolean;
  /** What `--fix` has removed. */
  readonly fixed: readonly string[];
  readonly elapsedMs: number;
}

export interface DoctorResult extends Place {
  /** Of the agentq that looked. */
  readonly version: string;
  /** Every check, in the order of docs/doctor.md. */
  readonly checks: readonly CheckView[];
  readonly ok: number;
  readonly notes: number;
  readonly wrong: number;
  /** Whether nothing is wrong. */
  readonly passed: boolean;
}
