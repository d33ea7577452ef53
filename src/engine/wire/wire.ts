import type { Answer } from './ticket.ts';

/** What a follower sends to its leader. */
export type FollowerMessage =
  /**
   * `head`: the commit that the sender's checkout of the branch is at, if it could follow by a pack that it is handed.
   */
  | { readonly kind: 'submit'; readonly pending: unknown; readonly head?: string }
  /** The caller was interrupted or ran out of time: leave the intent undone, if that is still possible. */
  | { readonly kind: 'cancel' };

/**
 * What a leader sends back. If it gives no answer, a `base` says that the intent may have been carried out since that
 * tip, or may still be. Without one it certainly is not.
 */
export type LeaderMessage =
  /** From here on the intent may be carried out; at `base` it had not been. */
  | { readonly kind: 'taken'; readonly base: string }
  /** The leader is alive and at work. */
  | { readonly kind: 'alive' }
  | ({ readonly kind: 'answer' } & Answer)
  /** The intent is given up. */
  | { readonly kind: 'cancelled'; readonly base?: string }
  | { readonly kind: 'failed'; readonly failure: WireFailure; readonly base?: string }
  /** The leader stops leading: submit to the next one. */
  | { readonly kind: 'moved'; readonly base?: string };

export interface WireFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}
