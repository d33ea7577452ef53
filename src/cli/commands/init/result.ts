import type { LayoutName } from '../../../domain/queue/layouts.ts';
import type { Place } from '../../command/answers.ts';

export interface InitResult extends Place {
  /** null if everything was already there. */
  readonly commit: string | null;
  readonly branchCreated: boolean;
  readonly created: readonly string[];
  readonly overwritten: readonly string[];
  /** Files that differ from this version and were left as they are. */
  readonly kept: readonly string[];
  readonly projects: readonly { readonly project: string; readonly layout: LayoutName; readonly tasks: string }[];
}
