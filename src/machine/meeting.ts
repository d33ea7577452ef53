/**
 * Where processes that want something from the same queue find each other: one leads, the others hand it their intents.
 * All of this is an optimisation. Two leaders at once cost a push, but never a claim: the branch decides.
 */
export interface Meeting {
  /**
   * Meets the processes that come to the same key: the first one leads until it leaves or dies, all others follow. It
   * tries a limited number of times, and never fails: if nobody can be met, the caller is alone.
   *
   * @param key what the processes have in common; it includes the version of their messages, so that versions do not
   * meet
   * @param onPeer called for each follower, also for those that come before this call resolves
   */
  meet(key: string, onPeer: (follower: Channel) => void): Promise<Met>;
}

/** {@link Meeting.meet} with the key given. */
export type Meet = (onPeer: (follower: Channel) => void) => Promise<Met>;

/** The result of coming to a meeting. */
export type Met =
  | Leadership
  /** Another process leads already. */
  | { readonly kind: 'follow'; readonly leader: Channel }
  /**
   * Nobody can be met, for this reason: no folder, no permission, no files left, or a leader that we do not understand.
   */
  | { readonly kind: 'alone'; readonly reason: string };

/** This process leads. */
export interface Leadership {
  readonly kind: 'lead';
  /**
   * Resolves when `onClose` has been called for every follower that had left before this call, and every message that
   * had been sent before it has been handed over.
   */
  caughtUp(): Promise<void>;
  /** Leaves the place to the next process; open channels stay open. May be called again. */
  leave(): void;
}

/** A connection to one other process. Messages are JSON values, and arrive in order or not at all. */
export interface Channel {
  /**
   * Who can be at the other end: processes of this user (behind a folder that only they can enter), or anybody who may
   * push to the remote. Messages of the latter are checked like the command line, and believed only if the branch
   * confirms them.
   */
  readonly peers: 'same-user' | 'anybody';
  /** Resolves when the message would survive the death of this process, or with `gone` if it cannot arrive any more. */
  send(message: object): Promise<'sent' | 'gone'>;
  /**
   * Hands over messages, also earlier ones. Call it once. A message that is not JSON ends the channel as `avoid` does.
   * Where anybody can be at the other end, a message counts as handed over, and the next one follows, when the promise
   * of its receiver has settled.
   */
  onMessage(receive: (message: unknown) => void): void;
  /** Calls back once when the channel ends, on either side; soon, if it has ended already. May be called again. */
  onClose(closed: () => void): void;
  /**
   * Leaves for good. Resolves when everything has been handed over that the other end had sent before it could know. A
   * message that it sends later finds us gone: a leader that awaits `caughtUp` after a `send` knows by then. So if a
   * follower has left without being told that its intent is taken, it never will be taken.
   * @param how `avoid`: also as {@link avoid}
   */
  leave(how?: 'avoid'): Promise<void>;
  /** Ends the channel at once; unsent messages are lost. May be called again. */
  close(): void;
  /**
   * Ends the channel, and keeps this process away from that leader for a while: it is silent, or we do not understand
   * it. This process then meets elsewhere, with others that avoid the leader, or is alone. On a follower's channel it
   * is `close`.
   */
  avoid(): void;
}
