import type { Intent } from '../domain/intent.ts';
import type { TaskState } from '../domain/task.ts';
import type { SnapshotScope } from '../store/queue-store.ts';

/**
 * The least that must be read to decide the intents: reading is most of what a claim on a large queue costs.
 * Completed tasks are only looked up by name, so their files are never read here.
 */
export function scopeOf(intents: readonly Intent[]): SnapshotScope {
  const read = new Set<TaskState>();
  for (const intent of intents) {
    switch (intent.kind) {
      case 'claim':
        read.add('ready');
        if (intent.task) read.add('claimed');
        break;
      case 'heartbeat':
      case 'release':
        read.add('claimed');
        break;
    }
  }
  return { read };
}

/** Whether a snapshot of the first scope holds everything that the second asks for. */
export function covers(scope: SnapshotScope, needed: SnapshotScope): boolean {
  return [...needed.read].every((state) => scope.read.has(state)) && (scope.witnesses === true || !needed.witnesses);
}
