import { given } from '../../../domain/base/given.ts';
import { ORCHESTRATOR, type TaskReference } from '../../../domain/queue/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { followCheckout, placeOf, submitAs, taskLine, unexpectedOutcome } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import type { UnblockResult } from './result.ts';

/** Options of `agentq unblock`. */
export interface UnblockOptions extends CommonOptions {
  readonly project: string | undefined;
  readonly task: TaskReference | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq unblock`. */
export function parse(input: Input): UnblockOptions {
  return { project: input.project(), task: input.taskFlag('task'), request: input.request() };
}

/** Makes ready what waits for nothing any more, or the one task that is named. */
export function run(options: UnblockOptions, context: CommandContext): Promise<UnblockResult> {
  return context.withQueue(async (queue) => {
    const { outcome, commit, attempts, elapsedMs } = await submitAs(queue, context, options.request, (request) => ({
      kind: 'unblock',
      request,
      agent: ORCHESTRATOR,
      ...given({ project: options.project, task: options.task }),
    }));
    if (outcome.kind !== 'unblocked') throw unexpectedOutcome(outcome);
    if (outcome.tasks.length === 0) context.log.info('nothing to unblock');
    for (const { key, title } of outcome.tasks) {
      const name = formatKey(key);
      context.log.info(`unblocked ${name}${title === undefined ? '' : `: ${title}`}`, { task: name });
    }
    if (commit !== undefined) await followCheckout(queue, context, commit, ...outcome.tasks);
    return {
      ...placeOf(queue),
      commit: commit ?? null,
      tasks: outcome.tasks.map(taskLine),
      attempts,
      elapsedMs,
    };
  });
}
