import type { LayoutName } from '../../../domain/queue/layouts.ts';
import type { Place } from '../../command/answers.ts';

export interface InitResult extends Place {
  /** null if everything was already there. */
  readonly commit: string | null;
  readonly branchCreated: boolean;
  readonly created: readonly string[];
  readonly overwritten: readonly string[];
  /** Files of an earlier version that nobody had changed. */
  readonly updated: readonly string[];
  /** Files that differ from this version and were left as they are. */
  readonly kept: readonly string[];
  /** Releases of agentq that this one replaced, and a package that is no longer pinned. */
  readonly removed: readonly string[];
  /** What scripts and workflows run: a version of agentq in the repository, or `package` and its name. */
  readonly program: { readonly from: string | null; readonly to: string };
  /** What `--workflows` did, on which branch; null without it. */
  readonly workflows: {
    readonly branch: string;
    readonly commit: string | null;
    readonly created: readonly string[];
    readonly overwritten: readonly string[];
    readonly updated: readonly string[];
    readonly kept: readonly string[];
  } | null;
  readonly projects: readonly { readonly project: string; readonly layout: LayoutName; readonly tasks: string }[];
}
