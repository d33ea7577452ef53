import type { Pending, Settled } from '../engine.ts';

/** The answer to one submission, and what it took. */
export interface Answer {
  readonly settled: Settled;
  readonly attempts: number;
  readonly rejectedPushes: number;
  readonly backoffBaseMs: number;
}

/** How a submission ends. */
export type TicketEnd =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** Given up by its caller, and certainly not carried out. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The leader stops: whoever leads next is to carry it out. */
  | { readonly kind: 'moved' };

/** One submission in the hands of a leader: of its own process, or of a follower behind a connection. */
export interface Ticket {
  readonly pending: Pending;
  readonly origin: 'own' | 'follower';
  /** Tells the caller that the intent may be carried out from now on; awaited before the push. */
  announce(base: string): Promise<void>;
  end(how: TicketEnd): void;
}
