import { given } from '../../../domain/base/given.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import { taskLine, userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { authorIn, type NamedTasks, reasonIn, tasksIn } from '../../naming/named-tasks.ts';
import type { BlockResult } from './result.ts';

/** Options of `agentq block`. */
export interface BlockOptions extends CommonOptions {
  readonly tasks: NamedTasks;
  readonly reason: string;
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq block`. */
export function parse(input: Input): BlockOptions {
  const author = authorIn(input);
  const [tasks, reason] = [tasksIn(input), reasonIn(input)];
  return { tasks, reason, author, request: input.request(), ...given({ agent: author }) };
}

/** Blocks the tasks, in one commit. */
export function run({ tasks, reason, author, request }: BlockOptions, context: CommandContext): Promise<BlockResult> {
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'blocks'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'block', request, agent, ...tasks, reason }),
      request,
      becomes: 'blocked',
      tell({ tasks }, submitted) {
        const { commit } = submitted;
        if (commit === undefined) context.log.info('nothing to change: what was named is blocked for that reason');
        for (const task of commit === undefined ? [] : tasks) {
          const told = happened('task.blocked', task, { agent, ...submitted });
          context.log.tell({ ...told, reason }, `blocked ${formatKey(task.key)}: ${reason}`);
        }
      },
    });
    return { ...where, agent, reason, tasks: outcome.tasks.map(taskLine), ...how };
  });
}
