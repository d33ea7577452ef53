import { given } from '../../../domain/base/given.ts';
import type { CancelIntent } from '../../../domain/intents/intent.ts';
import type { ChangedTask } from '../../../domain/intents/outcome.ts';
import type { TaskEventKind } from '../../../domain/past/task-event.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import { taskLine, userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import { authorIn, type NamedTasks, reasonIn, tasksIn } from '../../naming/named-tasks.ts';
import type { CancelResult } from './result.ts';

/** Options of `agentq cancel`. */
export interface CancelOptions extends CommonOptions {
  readonly tasks: NamedTasks;
  readonly reason: string;
  readonly dependants: CancelIntent['dependants'];
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq cancel`. */
export function parse(input: Input): CancelOptions {
  const [cascade, detach] = [input.isOn('cascade'), input.isOn('detach')];
  if (cascade && detach) throw usage('--cascade and --detach exclude each other');
  const author = authorIn(input);
  return {
    tasks: tasksIn(input),
    reason: reasonIn(input),
    dependants: cascade ? 'cascade' : detach ? 'detach' : undefined,
    author,
    request: input.request(),
    ...given({ agent: author }),
  };
}

/** Cancels the tasks, in one commit. */
export function run(options: CancelOptions, context: CommandContext): Promise<CancelResult> {
  const { tasks, reason, dependants, author, request } = options;
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'cancels'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'cancel', request, agent, ...tasks, reason, ...given({ dependants }) }),
      request,
      becomes: 'cancelled',
      tell({ tasks, cascaded, detached, unblocked }, submitted) {
        const { commit } = submitted;
        if (commit === undefined) context.log.info('nothing to change: what was named is cancelled already');
        const say = (event: TaskEventKind, list: readonly ChangedTask[], what: string, why?: string): void => {
          for (const task of list) {
            const told = { ...happened(event, task, { agent, ...submitted }), ...given({ reason: why }) };
            context.log.tell(told, `${what} ${formatKey(task.key)}`);
          }
        };
        if (commit !== undefined) say('task.cancelled', [...tasks, ...cascaded], 'cancelled', reason);
        say('task.updated', detached, 'took the requirement out of');
        const [first] = tasks;
        say('task.unblocked', unblocked, 'unblocked', first && `${formatKey(first.key)} was cancelled`);
      },
    });
    return {
      ...where,
      agent,
      reason,
      tasks: outcome.tasks.map(taskLine),
      cascaded: outcome.cascaded.map(taskLine),
      detached: outcome.detached.map(taskLine),
      unblocked: outcome.unblocked.map(taskLine),
      ...how,
    };
  });
}
