import type { Pending } from './engine.ts';

/**
 * Where a transaction gets its intents from. They join as late as possible, when it is about to decide, so that whatever
 * arrived while the remote was being asked shares the same push (group commit).
 */
export interface Intake {
  /**
   * Intents that have arrived since the last call. The first call gives at least one. At the `last-call`, right before
   * deciding, others that are just arriving may be waited for.
   */
  join(when: 'now' | 'last-call'): Promise<readonly Pending[]>;
  /** Requests whose callers gave up, since the last call. Called when they are certainly not carried out. */
  drop(): ReadonlySet<string>;
  /** Called, and awaited, before every push: from here on the intents may be carried out, and at `base` they were not. */
  announce(base: string): Promise<void>;
}

/** An intake of intents that are all there from the start. */
export function fixedIntake(pending: readonly Pending[]): Intake {
  let rest = pending;
  return {
    join: async () => {
      const now = rest;
      rest = [];
      return now;
    },
    drop: () => new Set(),
    announce: async () => undefined,
  };
}
