import type { Answer } from './ticket.ts';

/** What a follower sends to its leader. */
export type FollowerMessage =
  | { readonly kind: 'submit'; readonly pending: unknown }
  /** The caller was interrupted or ran out of time: leave the intent undone, if that is still possible. */
  | { readonly kind: 'cancel' };

/** What a leader sends back. */
export type LeaderMessage =
  /** From here on the intent may be carried out; at `base` it had not been. */
  | { readonly kind: 'taken'; readonly base: string }
  | ({ readonly kind: 'answer' } & Answer)
  /** The intent was cancelled, and has not been carried out. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: WireFailure }
  /** The leader stops leading: submit to the next one. */
  | { readonly kind: 'moved' };

export interface WireFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}
