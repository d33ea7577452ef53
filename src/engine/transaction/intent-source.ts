import type { Pending } from '../base/engine.ts';

/**
 * Where a transaction gets its intents from, and where it tells what it knows of those that it does not answer. Intents
 * join as late as possible, right before the decision, so that those that arrive while the remote is asked share the
 * same push (group commit).
 */
export interface IntentSource {
  /** Whether the intent was handed in before the transaction began, and so before its first look at the remote. */
  wasThere(request: string): boolean;
  /**
   * Intents that have arrived since the last call; at least one for the first call. At the `last-call`, right before
   * the decision, the source may wait for others that are just arriving.
   */
  join(when: 'now' | 'last-call'): Promise<readonly Pending[]>;
  /** Whether a caller gave up and its intent has not been dropped yet. */
  hasGivenUp(): boolean;
  /**
   * Drops the intents whose callers gave up.
   * @param fate tells what is known of each: with a base it may have been carried out, or may still be; without one it
   *   certainly is not; undefined: it cannot be dropped yet
   * @returns their requests: nothing more may be done for them
   */
  drop(fate: (request: string) => Pending | undefined): ReadonlySet<string>;
  /**
   * Called, and awaited, before every push: from here on the intents may be carried out, and at `base` they were not.
   * @returns requests whose callers are gone without having heard of it: they must not be carried out
   */
  announce(base: string): Promise<ReadonlySet<string>>;
  /** A push begins. Absent: nobody wants to know. @returns to be called when it has ended */
  readonly pushing?: (() => () => void) | undefined;
  /** The transaction has ended. These have no answer; those with a base may have been carried out, or may still be. */
  leave(open: readonly Pending[]): void;
}

/** A source whose intents are all there from the start, and whose callers never give up. */
export function fixedSource(pending: readonly Pending[], leave: IntentSource['leave'] = () => undefined): IntentSource {
  let rest = pending;
  return {
    wasThere: () => true,
    join: async () => {
      const now = rest;
      rest = [];
      return now;
    },
    hasGivenUp: () => false,
    drop: () => new Set(),
    announce: async () => new Set(),
    leave,
  };
}
