import type { HandedPack } from '../../git/checkout/handed-pack.ts';
import type { Effort, Pending, Settled } from '../base/engine.ts';

/** The answer to one submission, and what it took. */
export interface Answer extends Effort {
  readonly settled: Settled;
  /** What the caller's checkout lacks of the commit, if the leader hands it over. */
  readonly pack?: HandedPack;
}

/**
 * How a submission ends. Without an answer, `pending` tells what is known of the intent: with a base it may have been
 * carried out, or may still be; without one it certainly is not.
 */
export type TicketEnd =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** Its caller gave it up. */
  | { readonly kind: 'cancelled'; readonly pending: Pending }
  | { readonly kind: 'failed'; readonly error: unknown; readonly pending: Pending }
  /** The leader stops: the next leader must carry it out. */
  | { readonly kind: 'moved'; readonly pending: Pending };

/**
 * What the caller of a submission hears. A ticket that has moved goes to the next leader; one that is given up fails.
 */
export type Ended = Extract<TicketEnd, { kind: 'answered' | 'failed' }>;

/** One submission in the hands of a leader: of its own process, or of a follower behind a channel. */
export interface Ticket {
  readonly pending: Pending;
  readonly origin: 'own' | 'follower';
  /** The commit that the caller's checkout of the branch is at, if it could follow by a pack. */
  readonly head?: string | undefined;
  /** Aborted when work under way for it must end; absent for followers, which end on their own. */
  readonly cut?: AbortSignal;
  /** Whether its caller is gone, so that nobody hears what becomes of it. */
  readonly isGone: boolean;
  /** Tells the caller that the intent may be carried out from now on; awaited before the push. */
  announce(base: string): Promise<void>;
  end(how: TicketEnd): void;
}
