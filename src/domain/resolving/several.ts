import type { Refusal } from '../base/failure.ts';
import type { TaskReference } from '../intents/intent.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey } from '../queue/task.ts';
import { type ReadEntry, resolveReadable, resolveReference } from './reference.ts';

/** Tasks that were named, each once, in the order in which they were named first. */
export type ResolvedTasks =
  | { readonly kind: 'found'; readonly entries: readonly ReadEntry[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What an intent about several tasks names. */
export interface NamedTasks {
  readonly task: TaskReference;
  readonly more?: readonly TaskReference[];
}

/**
 * Finds all tasks that one command names, with what their files say.
 * @param verb completes "... its tasks in a command of their own", where a task lives on another branch
 */
export function resolveSeveral(state: QueueState, { task, more = [] }: NamedTasks, verb: string): ResolvedTasks {
  const found = new Map<string, ReadEntry>();
  for (const reference of [task, ...more]) {
    const branch = reference.project === undefined ? undefined : state.otherBranch?.(reference.project);
    if (branch !== undefined) {
      const message = `${reference.project} lives on the branch ${branch}: ${verb} its tasks in a command of their own`;
      return { kind: 'refused', refusal: { code: 'usage', message } };
    }
    const resolved = resolveReference(state, reference);
    if (resolved.kind === 'refused') return resolved;
    const readable = resolveReadable(resolved.entry);
    if (readable.kind === 'refused') return readable;
    found.set(formatKey(readable.entry.key), readable);
  }
  return { kind: 'found', entries: [...found.values()] };
}
