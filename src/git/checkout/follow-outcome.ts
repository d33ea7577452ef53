/** What became of the user's checkout. */
export type FollowOutcome =
  | { readonly kind: 'followed' }
  /** The checkout already has the commit. */
  | { readonly kind: 'up-to-date' }
  /** HEAD is elsewhere, or there is no checkout: nothing to report. */
  | { readonly kind: 'not-on-branch' | 'bare' | 'off' }
  /** The checkout was left alone; `reason` is one line for the user. */
  | { readonly kind: 'diverged' | 'dirty' | 'busy' | 'failed'; readonly reason: string };

/** The lock file in the common git directory that protects updates of checkouts. */
export const CHECKOUT_LOCK = 'agentq-checkout.lock';

/** One line that names the first three files. */
export function describeDirty(paths: readonly string[]): string {
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  return `uncommitted changes are in the way: ${paths.slice(0, 3).join(', ')}${more}`;
}
