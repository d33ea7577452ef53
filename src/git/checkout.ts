import type { Repository } from './repository.ts';

export interface FollowRequest {
  readonly branchRef: string;
  /** Commit that the checkout should show. */
  readonly to: string;
  /** Paths that were changed, relative to the root. */
  readonly paths: readonly string[];
  /**
   * Without a remote the branch under HEAD has moved already, and this is where it was. Index (and work tree) then must
   * follow, or the next `git commit -a` of the user would undo the change.
   */
  readonly movedFrom?: string;
  /** false (`--no-sync`): leave the work tree; only the index follows, and only with `movedFrom`. */
  readonly sync: boolean;
}

export type FollowOutcome =
  | { readonly kind: 'followed' }
  /** The checkout has the commit already. */
  | { readonly kind: 'up-to-date' }
  /** HEAD is elsewhere or there is no checkout: nothing to say. */
  | { readonly kind: 'not-on-branch' | 'bare' | 'off' }
  /** Left alone; `reason` is one line for the user. */
  | { readonly kind: 'diverged' | 'dirty' | 'busy' | 'failed'; readonly reason: string };

/**
 * Lets the user's checkout follow the branch, if that loses nothing: never uncommitted or staged work, never a local commit.
 * Never throws for a checkout that can't follow; throws Failure `interrupted`.
 */
export function followCheckout(_repository: Repository, _request: FollowRequest): Promise<FollowOutcome> {
  throw new Error('not built yet');
}
