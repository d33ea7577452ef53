import { parseHold } from '../queue/batches.ts';
import type { NewTask } from '../queue/new-task.ts';
import { batchOf } from './compose.ts';

/** What a plan, or the command line, says for all tasks at once. */
export interface SharedFields {
  readonly project?: string;
  readonly batch?: string;
  readonly holdUntil?: string;
}

/**
 * The tasks with what is said for all of them, where they say nothing themselves. A task of the very batch that is waited
 * for is not held back: what the others wait for would never be done.
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
