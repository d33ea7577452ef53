import { given } from '../../../domain/base/given.ts';
import { ORCHESTRATOR } from '../../../domain/intents/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened, named } from '../../../domain/telling/happened.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { type NamedTasks, together } from '../../naming/named-tasks.ts';
import type { UnblockResult } from './result.ts';

/** Options of `agentq unblock`. */
export interface UnblockOptions extends CommonOptions {
  readonly project: string | undefined;
  /** undefined: those that wait for nothing more. */
  readonly tasks: NamedTasks | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq unblock`. */
export function parse(input: Input): UnblockOptions {
  const project = input.project();
  return { project, tasks: together(input.taskFlags('task')), request: input.request() };
}

/** Makes every task ready that no longer waits for anything, or the tasks that are named. */
export function run({ project, tasks, request }: UnblockOptions, context: CommandContext): Promise<UnblockResult> {
  return context.withQueue(async (queue) => {
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'unblock', request, agent: ORCHESTRATOR, ...given({ project }), ...tasks }),
      request,
      becomes: 'unblocked',
      tell({ tasks, waits, waitToo = [] }, submitted) {
        if (tasks.length === 0 && waits === undefined) context.log.info('nothing to unblock');
        for (const task of tasks) {
          const title = task.title === undefined ? '' : `: ${task.title}`;
          const told = happened('task.unblocked', task, { agent: ORCHESTRATOR, ...submitted });
          context.log.tell(told, `unblocked ${formatKey(task.key)}${title}`);
        }
        for (const waiting of waits === undefined ? [] : [waits, ...waitToo]) {
          const name = formatKey(waiting.key);
          const line = `${name} still waits for ${waiting.for.join(', ')}: nobody can claim it until then`;
          context.log.warning(line, named(waiting.key));
        }
      },
    });
    return { ...where, tasks: outcome.tasks.map(taskLine), ...how };
  });
}
