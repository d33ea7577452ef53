import type { Refusal } from '../base/failure.ts';
import { formatKey } from '../queue/task.ts';
import type { ReadEntry } from '../resolving/reference.ts';

/** Refuses what nobody may do with a task while an agent has it. @param more is added to the message */
export function claimedRefusal({ entry, task }: Pick<ReadEntry, 'entry' | 'task'>, more = ''): Refusal {
  const name = formatKey(entry.key);
  const owner = task.claim?.claimedBy;
  return {
    code: 'task-invalid',
    message: `${name} is claimed by ${owner ?? 'nobody that its file names'}${more}`,
    hint: `give it back first: \`agentq release ${name} ${owner ?? '<agent>'}\`, or hand it over with \`agentq take\``,
  };
}
