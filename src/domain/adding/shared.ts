import { parseHold } from '../queue/batches.ts';
import type { NewTask } from '../queue/new-task.ts';
import { batchOf } from './compose.ts';

/** What a plan or the command line says for all tasks at once. */
export interface SharedFields {
  readonly project?: string;
  readonly batch?: string;
  readonly holdUntil?: string;
}

/**
 * The tasks with the shared fields that they do not set themselves. A task of the batch that the others wait for is not
 * held back: that batch would never be complete.
 */
export function withShared(tasks: readonly NewTask[], shared: SharedFields): NewTask[] {
  const hold = shared.holdUntil === undefined ? undefined : parseHold(shared.holdUntil);
  return tasks.map((task) => {
    const batch = batchOf({ task }) ?? shared.batch;
    const isAwaited = hold?.kind === 'hold' && hold.hold.batch === batch;
    return {
      ...task,
      ...(batch === undefined || batchOf({ task }) !== undefined ? {} : { batch }),
      ...(shared.holdUntil === undefined || task.holdUntil !== undefined || isAwaited
        ? {}
        : { holdUntil: shared.holdUntil }),
    };
  });
}
