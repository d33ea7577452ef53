import type { RefUpdate } from '../../git/answers/push-outcome.ts';
import type { Pending } from '../base/engine.ts';
import type { LookAtTip } from '../transaction/tip.ts';

/** A request of ours on the remote, or on its way there. */
export interface Publication {
  readonly at: number;
  readonly requests: ReadonlySet<string>;
  /** Of these, the ones that nothing but this ref could get carried out. */
  readonly sole: ReadonlySet<string>;
  /** What is known: a look has shown it, the server has said that it is there, or its answer was lost. */
  readonly known: 'shown' | 'made' | 'unclear';
}

/** Whether the ref sorts after all that the look has read: nothing is known of it. */
export function isUnread({ unread }: LookAtTip, ref: string): boolean {
  return [...(unread ?? [])].some(([prefix, last]) => ref.startsWith(prefix) && ref > last);
}

/** Deletes each of the refs, as we made it. */
export function deletionsOf(refs: readonly string[], marker: string): readonly RefUpdate[] {
  return refs.map((ref) => ({ ref, expected: marker, to: undefined }));
}

/** Whether an earlier push, by whomever, may have carried them out already; all of a group have the same base. */
export function hadBase(pendings: readonly Pending[]): boolean {
  return pendings.some(({ base }) => base !== undefined);
}

/** The intents in groups of one base each: that of a request cannot be told apart. */
export function byBase(pending: readonly Pending[], tip: string): ReadonlyMap<string, readonly Pending[]> {
  const groups = new Map<string, Pending[]>();
  for (const one of pending) {
    const base = one.base ?? tip;
    const group = groups.get(base) ?? [];
    group.push(one);
    groups.set(base, group);
  }
  return groups;
}
