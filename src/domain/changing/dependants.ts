import { requiredKeys } from '../queue/dependency-entry.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isCancelled, type TaskKey } from '../queue/task.ts';

/** Which open tasks require which: those of the ready folder that are not cancelled, and the claimed ones. */
export class Dependants {
  readonly #byRequired = new Map<string, TaskEntry[]>();

  constructor(state: QueueState) {
    for (const folder of ['ready', 'claimed'] as const) {
      for (const entry of state.inState(folder)) {
        const { reading } = entry;
        if (reading.kind !== 'read' || (folder === 'ready' && isCancelled(reading.task))) continue;
        for (const name of requiredBy(state, entry)) {
          const known = this.#byRequired.get(name);
          if (known) known.push(entry);
          else this.#byRequired.set(name, [entry]);
        }
      }
    }
  }

  /** Those that require one of the tasks themselves, each once. */
  of(keys: readonly TaskKey[]): readonly TaskEntry[] {
    return [...new Set(keys.flatMap((key) => this.#byRequired.get(formatKey(key)) ?? []))];
  }

  /** Those that require one of the tasks, or one that requires it, and so on; without the tasks themselves. */
  ofAll(keys: readonly TaskKey[]): readonly TaskEntry[] {
    const found = new Map<string, TaskEntry | undefined>(keys.map((key) => [formatKey(key), undefined]));
    const left = [...keys];
    for (let key = left.pop(); key !== undefined; key = left.pop()) {
      for (const entry of this.#byRequired.get(formatKey(key)) ?? []) {
        if (found.has(formatKey(entry.key))) continue;
        found.set(formatKey(entry.key), entry);
        left.push(entry.key);
      }
    }
    return [...found.values()].filter((entry) => entry !== undefined);
  }
}

/** Names of the tasks that this one requires, each once. */
export function requiredBy(state: QueueState, entry: TaskEntry): ReadonlySet<string> {
  return new Set(requiredKeys(state.requirements(entry), entry.key.project).map(formatKey));
}
