import { given } from '../../../domain/base/given.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened, named } from '../../../domain/telling/happened.ts';
import { taskLine, userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { authorIn, type NamedTasks, tasksIn } from '../../naming/named-tasks.ts';
import type { ReopenResult } from './result.ts';

/** Options of `agentq reopen`. */
export interface ReopenOptions extends CommonOptions {
  readonly tasks: NamedTasks;
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq reopen`. */
export function parse(input: Input): ReopenOptions {
  const author = authorIn(input);
  return { tasks: tasksIn(input), author, request: input.request(), ...given({ agent: author }) };
}

/** Makes the tasks ready again, in one commit. */
export function run({ tasks, author, request }: ReopenOptions, context: CommandContext): Promise<ReopenResult> {
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'reopens'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'reopen', request, agent, ...tasks }),
      request,
      becomes: 'reopened',
      tell({ tasks, waiting, untouched }, submitted) {
        const { commit } = submitted;
        const by = { agent, ...submitted };
        if (commit === undefined) context.log.info('nothing to change: what was named is open already');
        for (const task of commit === undefined ? [] : tasks) {
          const { key, view } = task;
          const is = view === undefined || view.state === 'ready' ? '' : `, which is ${view.state} now`;
          context.log.tell(happened('task.reopened', task, by), `reopened ${formatKey(key)}${is}`);
        }
        const reason = tasks[0] && `${formatKey(tasks[0].key)} was reopened`;
        for (const task of waiting) {
          const told = { ...happened('task.blocked', task, by), ...given({ reason }) };
          context.log.tell(told, `${formatKey(task.key)} waits again`);
        }
        for (const { key, view } of untouched) {
          const name = formatKey(key);
          const is = view?.state === 'completed' ? 'completed' : 'claimed';
          context.log.warning(`${name} requires it and is ${is} already: it stays so`, named(key));
        }
      },
    });
    return {
      ...where,
      agent,
      tasks: outcome.tasks.map(taskLine),
      waiting: outcome.waiting.map(taskLine),
      untouched: outcome.untouched.map(taskLine),
      ...how,
    };
  });
}
