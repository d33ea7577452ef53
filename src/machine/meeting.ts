/**
 * Where processes that want something of the same queue find each other: one leads, the others hand it what they want.
 * Whatever is agreed on here is an optimisation. Two that lead at once cost a push, never a claim: the branch decides.
 */
export interface Meeting {
  /**
   * Meets whoever comes to the same key: the first to come leads until it leaves or dies, everybody else follows.
   * It tries a limited number of times, and never fails: where nobody can be met, the caller is alone.
   *
   * @param key what the processes have in common; it includes the version of their messages, so that versions do not meet
   * @param onPeer called for each follower, also for those that come before this call resolves
   */
  meet(key: string, onPeer: (follower: Channel) => void): Promise<Met>;
}

/** {@link Meeting.meet} with the key given. */
export type Meet = (onPeer: (follower: Channel) => void) => Promise<Met>;

/** What coming to a meeting led to. */
export type Met =
  | Leadership
  /** Somebody leads already. */
  | { readonly kind: 'follow'; readonly leader: Channel }
  /** Nobody can be met, for this reason: no folder, no permission, no files left, or a leader that we do not understand. */
  | { readonly kind: 'alone'; readonly reason: string };

/** This process leads. */
export interface Leadership {
  readonly kind: 'lead';
  /**
   * Resolves when every follower that had left before this call has been told of by `onClose`, and every message that had
   * been sent before it has been handed over.
   */
  caughtUp(): Promise<void>;
  /** Leaves the place to the next one; channels that are open stay open. May be called again. */
  leave(): void;
}

/** A connection to one other process. Messages are values that JSON can hold, and arrive in order or not at all. */
export interface Channel {
  /**
   * Who can be at the other end: processes of this user (behind a folder that only they can enter), or anybody who may push
   * to the remote. What the latter say is checked like the command line, and believed only where the branch shows it.
   */
  readonly peers: 'same-user' | 'anybody';
  /** Resolves when the message survives the death of this process, or with `gone` when it cannot arrive any more. */
  send(message: object): Promise<'sent' | 'gone'>;
  /** Hands over messages, also those that came before. To be called once. One that is no JSON is answered by `avoid`. */
  onMessage(receive: (message: unknown) => void): void;
  /** Called once when the channel is over, whoever ended it; soon, where it is over already. May be called again. */
  onClose(closed: () => void): void;
  /**
   * Leaves for good. Resolves when everything has been handed over that the other end had sent before it could know; whatever
   * it sends later, it finds us gone: a leader that awaits `caughtUp` after a `send` knows by then. So a follower that has
   * left and has not been told that its intent is taken is certain that it will not be.
   * @param how `avoid`: as {@link avoid} besides
   */
  leave(how?: 'avoid'): Promise<void>;
  /** Ends the channel at once; what has not been sent yet is lost. May be called again. */
  close(): void;
  /**
   * Ends the channel, and keeps this process away from that leader for a while: it is silent, or says what we do not
   * understand. Whoever does so meets elsewhere, with others that avoid it, or is alone. To a follower it is `close`.
   */
  avoid(): void;
}
