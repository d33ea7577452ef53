import type { Pending } from '../base/engine.ts';

/**
 * Where a transaction gets its intents from, and where it says what it knows of those that it does not answer. They join as
 * late as possible, when it is about to decide, so that whatever arrived while the remote was being asked shares the same
 * push (group commit).
 */
export interface IntentSource {
  /** Whether the intent was handed in before the transaction began, and so before its first look at the remote. */
  wasThere(request: string): boolean;
  /**
   * Intents that have arrived since the last call. The first call gives at least one. At the `last-call`, right before
   * deciding, others that are just arriving may be waited for.
   */
  join(when: 'now' | 'last-call'): Promise<readonly Pending[]>;
  /** Whether a caller gave up and has not been let go of. */
  hasGivenUp(): boolean;
  /**
   * Lets go of those whose callers gave up.
   * @param fate tells of each what is known: with a base it may have been carried out, or may still be; without, it
   *   certainly is not; undefined: it cannot be let go of yet
   * @returns their requests: nothing more may be done for them
   */
  drop(fate: (request: string) => Pending | undefined): ReadonlySet<string>;
  /**
   * Called, and awaited, before every push: from here on the intents may be carried out, and at `base` they were not.
   * @returns requests whose callers are gone without having heard of it: they must not be carried out
   */
  announce(base: string): Promise<ReadonlySet<string>>;
  /** The transaction is over. These have no answer; those with a base may have been carried out, or may still be. */
  leave(open: readonly Pending[]): void;
}

/** A source of intents that are all there from the start, and of callers that never give up. */
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
