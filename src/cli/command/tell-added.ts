import { given } from '../../domain/base/given.ts';
import type { AddedTask } from '../../domain/intents/outcome.ts';
import { formatKey } from '../../domain/queue/task.ts';
import { happened } from '../../domain/telling/happened.ts';
import type { Submitted } from '../../engine/queue/submitted.ts';
import type { CommandContext } from './context.ts';

/** Says of each task that it is new, or what it says now. In text the summary of all of them is enough. */
export function tellAdded(
  tasks: readonly AddedTask[],
  agent: string,
  submitted: Submitted,
  { log }: CommandContext,
): void {
  for (const task of tasks) {
    if (task.was === 'same' || task.was === 'kept') continue;
    const [event, verb] =
      task.was === 'updated' ? (['task.updated', 'updated'] as const) : (['task.added', 'added'] as const);
    const told = { ...happened(event, task, { agent, ...submitted }), ...given({ ref: task.ref }) };
    log.tell(told, `${verb} ${formatKey(task.key)}`, { only: 'json' });
  }
}
