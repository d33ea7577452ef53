import { given } from '../../../domain/base/given.ts';
import { prUrlProblem } from '../../../domain/base/names.ts';
import type { TaskReference } from '../../../domain/queue/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { followCheckout, placeOf, submitAs, taskLine, unexpectedOutcome } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { type Input, usage } from '../../command/input.ts';
import type { CompleteResult } from './result.ts';

/** Options of `agentq complete`. */
export interface CompleteOptions extends CommonOptions {
  readonly agent: string;
  readonly task: TaskReference;
  readonly claimId: string | undefined;
  readonly request: string | undefined;
  readonly prUrl: string | undefined;
}

/** Reads and checks the options of `agentq complete`. */
export function parse(input: Input): CompleteOptions {
  const task = input.task('task-id');
  const positional = input.argument('pr-url', prUrlProblem);
  const flag = input.text('pr-url', prUrlProblem);
  if (positional !== undefined && flag !== undefined && positional !== flag) {
    throw usage(`two pull requests are given: ${positional} and --pr-url ${flag}`);
  }
  return {
    agent: input.agent(),
    task,
    claimId: input.claimId(task),
    request: input.request(),
    prUrl: positional ?? flag,
  };
}

/** Completes a claimed task, and opens what waited for it. */
export function run(options: CompleteOptions, context: CommandContext): Promise<CompleteResult> {
  return context.withQueue(async (queue) => {
    const { outcome, commit, attempts, elapsedMs } = await submitAs(queue, context, options.request, (request) => ({
      kind: 'complete',
      request,
      agent: options.agent,
      task: options.task,
      ...given({ claimId: options.claimId, prUrl: options.prUrl }),
    }));
    if (outcome.kind !== 'completed') throw unexpectedOutcome(outcome);
    const name = formatKey(outcome.key);
    const unblocked = outcome.unblocked.map(taskLine);
    if (commit === undefined) context.log.info(`${name} was completed by ${options.agent} before`, { task: name });
    else context.log.info(`completed ${name}${unblockedWords(unblocked.length)}`, { task: name });
    if (commit !== undefined) await followCheckout(queue, context, commit, outcome, ...outcome.unblocked);
    return {
      project: outcome.key.project,
      task: outcome.key.id,
      title: outcome.title ?? null,
      path: outcome.path,
      ...placeOf(queue),
      commit: commit ?? null,
      claimId: outcome.claimId ?? null,
      agent: options.agent,
      prUrl: outcome.prUrl ?? null,
      completedAt: outcome.completedAt ?? null,
      unblocked,
      attempts,
      elapsedMs,
    };
  });
}

function unblockedWords(count: number): string {
  if (count === 0) return '';
  return `, which unblocked ${count === 1 ? '1 task' : `${count} tasks`}`;
}
