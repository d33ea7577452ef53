import { given } from '../../../domain/base/given.ts';
import type { ClaimedOutcome } from '../../../domain/intents/outcome.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { TaskState, TaskView } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { type TaskDetails, taskDetails } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';

/**
 * The task as the claim left it or, without a commit (a dry run, or a claim that was made before), as it is now.
 * Nothing if its file cannot be read again: the claim stands all the same, and the answer says so.
 */
export async function describeClaimed(
  queue: Queue,
  { log }: CommandContext,
  { key }: ClaimedOutcome,
  commit: string | undefined,
): Promise<(TaskView & TaskDetails) | Record<string, never>> {
  try {
    const reader = await queue.read(commit === undefined ? 'tip' : 'clone');
    const scope = { read: new Set<TaskState>(), ids: new Set([key.id]) };
    const state = new QueueState(await reader.snapshot(scope, { unreadable: 'leave', ...given({ commit }) }));
    const found = state.lookup(key);
    if (found.kind !== 'found' || found.entry.reading.kind !== 'read') return {};
    return taskDetails(state, found.entry, found.entry.reading.task);
  } catch (error) {
    log.warning(`the answer lacks the task's text: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}
