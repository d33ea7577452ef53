import type { Finding } from '../../../domain/base/finding.ts';
import type { Place } from '../../command/answers.ts';

export interface ValidateResult extends Place {
  /** The commit that was validated. */
  readonly tip: string;
  /** Of each branch, if projects live on several; `tip` is that of the main one. */
  readonly tips?: Readonly<Record<string, string>>;
  readonly projects: number;
  readonly tasks: number;
  /** How many of the tasks are completed and were not read, only looked up by name. */
  readonly completedUnread: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** Whether there are no errors, and with `--strict` no warnings either. */
  readonly passed: boolean;
  readonly findings: readonly Finding[];
  /** How text shows the result; never part of the JSON document. */
  readonly presentation: { readonly format: 'text' | 'github'; readonly notes: 'list' | 'count' };
}
