/**
 * What a push came to. Only `landed` and `rejected` are certain; `unknown` may have landed, and must be looked up on the
 * remote before anything else is tried (CONTRACT 7.3).
 */
export type PushOutcome =
  | { readonly kind: 'landed' }
  /** Somebody else was first: the lease on a ref did not hold. */
  | { readonly kind: 'rejected'; readonly words: string }
  /** Will never succeed as it is: hook, protected branch, hidden ref, no permission. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly words: string }
  /** A lock file on the server: another push is at work, or one was killed and left it. */
  | { readonly kind: 'locked'; readonly words: string }
  /** Never reached the remote, or it could not serve just now. */
  | { readonly kind: 'transient'; readonly words: string }
  | { readonly kind: 'unknown'; readonly words: string }
  /** The server says that somebody else was first, but may say so of a push that it was sent twice. */
  | { readonly kind: 'unknown'; readonly words: string; readonly likely: 'rejected' };

/** Whether somebody else was first, as far as one can tell before looking. */
export function isLostRace(outcome: PushOutcome): outcome is LostRace {
  return outcome.kind === 'rejected' || 'likely' in outcome;
}

export type LostRace = Extract<PushOutcome, { kind: 'rejected' } | { likely: 'rejected' }>;

export type RefusalReason =
  /** A hook or a protection rule on the server. */
  | 'declined'
  | 'authentication'
  /** The ref is hidden or may not be written: custom refs are not for us on this server. */
  | 'hidden-ref'
  /** The server can't do `--atomic`. */
  | 'no-atomic'
  /** git would not even start the push: our own defect, or the user's configuration. */
  | 'usage';

/** One ref that a push changes: a compare-and-swap from `expected` to `to`. */
export interface RefUpdate {
  /** Full name: `refs/heads/develop`. */
  readonly ref: string;
  /** What the ref must be now; undefined: it must not exist. */
  readonly expected: string | undefined;
  /** What it becomes; undefined deletes it. */
  readonly to: string | undefined;
}
