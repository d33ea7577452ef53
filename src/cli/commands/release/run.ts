import { given } from '../../../domain/base/given.ts';
import type { TaskReference } from '../../../domain/queue/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { followCheckout, placeOf, submitAs, unexpectedOutcome } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { type Input, oneLineProblem } from '../../command/input.ts';
import type { ReleaseResult } from './result.ts';

/** Options of `agentq release`. */
export interface ReleaseOptions extends CommonOptions {
  readonly agent: string;
  readonly task: TaskReference;
  readonly claimId: string | undefined;
  readonly request: string | undefined;
  readonly reason: string | undefined;
}

/** Reads and checks the options of `agentq release`. */
export function parse(input: Input): ReleaseOptions {
  const task = input.task('task-id');
  return {
    agent: input.agent(),
    task,
    claimId: input.claimId(task),
    request: input.request(),
    reason: input.text('reason', oneLineProblem('the reason')),
  };
}

/** Gives a claimed task back. */
export function run(options: ReleaseOptions, context: CommandContext): Promise<ReleaseResult> {
  return context.withQueue(async (queue) => {
    const { outcome, commit, attempts, elapsedMs } = await submitAs(queue, context, options.request, (request) => ({
      kind: 'release',
      request,
      agent: options.agent,
      task: options.task,
      ...given({ claimId: options.claimId, reason: options.reason }),
    }));
    if (outcome.kind !== 'released') throw unexpectedOutcome(outcome);
    const name = formatKey(outcome.key);
    context.log.info(`released ${name}`, { task: name });
    if (commit !== undefined) await followCheckout(queue, context, commit, outcome);
    return {
      project: outcome.key.project,
      task: outcome.key.id,
      title: outcome.title ?? null,
      path: outcome.path,
      ...placeOf(queue),
      commit: commit ?? null,
      agent: options.agent,
      attempts,
      elapsedMs,
    };
  });
}
