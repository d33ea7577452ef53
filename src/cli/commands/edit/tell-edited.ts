import type { EditedTask } from '../../../domain/intents/outcome.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import type { Submitted } from '../../../engine/queue/submitted.ts';
import type { CommandContext } from '../../command/context.ts';

/** Says of each task what was changed in it. */
export function tellEdited(
  tasks: readonly EditedTask[],
  agent: string,
  submitted: Submitted,
  { log }: CommandContext,
): void {
  for (const task of tasks) {
    const { key, changed } = task;
    if (changed.length === 0) continue;
    const told = happened('task.updated', task, { agent, ...submitted });
    log.tell({ ...told, changed }, `edited ${formatKey(key)}: ${changed.join(', ')}`);
  }
}
