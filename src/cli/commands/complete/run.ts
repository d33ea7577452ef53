import { given } from '../../../domain/base/given.ts';
import { prUrlProblem } from '../../../domain/base/names.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened, named } from '../../../domain/telling/happened.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import { type ClaimedTaskOptions, readClaimedTask } from '../../command/claimed-task.ts';
import type { CommandContext } from '../../command/context.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { CompleteResult } from './result.ts';

/** Options of `agentq complete`. */
export interface CompleteOptions extends ClaimedTaskOptions {
  readonly prUrl: string | undefined;
  /** Whether the checks that the task's file names must succeed first. */
  readonly checks: 'run' | 'ignore';
}

/** Reads and checks the options of `agentq complete`. */
export function parse(input: Input): CompleteOptions {
  const claimed = readClaimedTask(input);
  const positional = input.argument('pr-url', prUrlProblem);
  const flag = input.text('pr-url', prUrlProblem);
  if (positional !== undefined && flag !== undefined && positional !== flag) {
    throw usage(`two pull requests are given: ${positional} and --pr-url ${flag}`);
  }
  return { ...claimed, prUrl: positional ?? flag, checks: input.isOn('verify') ? 'run' : 'ignore' };
}

/** Completes a claimed task, and makes the tasks ready that waited for it. */
export function run(options: CompleteOptions, context: CommandContext): Promise<CompleteResult> {
  const { agent, task, claimId, request, prUrl } = options;
  return context.withQueue(async (queue) => {
    if (options.checks === 'run') await (await import('./verify.ts')).verify(queue, options, context);
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'complete', request, agent, task, ...given({ claimId, prUrl }) }),
      request,
      becomes: 'completed',
      tell(outcome, submitted) {
        const { key, unblocked } = outcome;
        const name = formatKey(key);
        if (submitted.commit === undefined) {
          context.log.info(`${name} was completed by ${agent} before`, named(key));
          return;
        }
        const by = { agent, ...submitted };
        const told = { ...happened('task.completed', outcome, by), ...given({ prUrl: outcome.prUrl }) };
        context.log.tell(told, `completed ${name}${unblockedWords(unblocked.length)}`);
        for (const task of unblocked) {
          const freed = { ...happened('task.unblocked', task, by), reason: `${name} was completed` };
          context.log.tell(freed, `unblocked ${formatKey(task.key)}`, { only: 'json' });
        }
      },
    });
    return {
      ...taskLine(outcome),
      ...where,
      claimId: outcome.claimId ?? null,
      agent,
      prUrl: outcome.prUrl ?? null,
      completedAt: outcome.completedAt ?? null,
      unblocked: outcome.unblocked.map(taskLine),
      ...how,
    };
  });
}

function unblockedWords(count: number): string {
  if (count === 0) return '';
  return `, which unblocked ${count === 1 ? '1 task' : `${count} tasks`}`;
}
