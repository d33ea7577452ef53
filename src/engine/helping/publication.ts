import type { Pending } from '../base/engine.ts';
import type { LookAtTip } from '../transaction/tip.ts';

/** A request of ours on the remote, or on its way there. */
export interface Publication {
  readonly at: number;
  readonly requests: ReadonlySet<string>;
  /** Those of them that could only be carried out through this ref. */
  readonly sole: ReadonlySet<string>;
  /** What is known of the ref: a look has shown it, the server has confirmed it, or the server's answer was lost. */
  readonly known: 'shown' | 'made' | 'unclear';
}

/** Whether the ref sorts after everything that the look has read, so that nothing is known about it. */
export function isUnread({ unread }: LookAtTip, ref: string): boolean {
  return [...(unread ?? [])].some(([prefix, last]) => ref.startsWith(prefix) && ref > last);
}

/** Whether any earlier push may have carried them out already; all in a group have the same base. */
export function hadBase(pendings: readonly Pending[]): boolean {
  return pendings.some(({ base }) => base !== undefined);
}

/** Groups the intents by their base, since a request has only one. */
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
