import type { Look } from '../answers/look.ts';
import type { PushOutcome, RefUpdate } from '../answers/push-outcome.ts';
import type { Ending } from '../process/ending.ts';

/** Whether a commit that a look named could be had. `moved`: not any more, the branch went elsewhere; look again. */
export type FetchOutcome = { readonly kind: 'present' } | { readonly kind: 'moved'; readonly words: string };

/** How long (ms) a remote may say nothing before it counts as unreachable, and git is ended. */
export interface Silences {
  readonly look: number;
  readonly fetch: number;
  readonly push: number;
}

/** Where the coordination branch lives: a remote, or (without one) this repository itself. */
export interface Upstream {
  /** For messages: the remote's name, or `this repository`. */
  readonly name: string;
  readonly kind: 'remote' | 'local';
  /**
   * One look: tip of the branch and every ref under `prefixes` (full prefixes such as `refs/agentq/requests/`).
   * @throws Failure `remote-unreachable` (worth retrying) or `remote-refused` (not), with the remote's own words.
   */
  look(branchRef: string, prefixes: readonly string[], ending?: Ending): Promise<Look>;
  /**
   * Tip of the branch that a clone would check out; undefined where there is none, as in an empty repository.
   * @throws Failure as for `look`.
   */
  defaultTip(): Promise<string | undefined>;
  /**
   * Makes the commit available here, with its history down to what is here already. Changes no ref, no FETCH_HEAD,
   * no tag and no shallow boundary. The caller asks only for commits that are absent.
   * @throws Failure as for `look`.
   */
  fetchCommit(branchRef: string, oid: string, ending?: Ending): Promise<FetchOutcome>;
  /**
   * Makes objects that refs point at available here, as {@link fetchCommit} does a commit.
   * @returns false where the remote does not have one of them any more
   * @throws Failure as for `look`.
   */
  fetchObjects(oids: readonly string[], ending?: Ending): Promise<boolean>;
  /**
   * Gets the whole history where the clone is shallow; nothing to do elsewhere.
   * @throws Failure as for `look`.
   */
  unshallow(branchRef: string, ending?: Ending): Promise<void>;
  /** One push; every update is a compare-and-swap. Never throws for what a remote answers; throws Failure `interrupted`. */
  push(updates: readonly RefUpdate[], options?: { readonly atomic?: boolean } & Ending): Promise<PushOutcome>;
}
