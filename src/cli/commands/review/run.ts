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
import type { ReviewResult } from './result.ts';

/** Options of `agentq review`. */
export interface ReviewOptions extends ClaimedTaskOptions {
  readonly prUrl: string;
}

/** Reads and checks the options of `agentq review`. */
export function parse(input: Input): ReviewOptions {
  const claimed = readClaimedTask(input);
  const prUrl = input.argument('pr-url', prUrlProblem);
  if (prUrl === undefined) throw usage('<pr-url> is missing', 'name the pull request that waits to be merged');
  return { ...claimed, prUrl };
}

/** Puts a claimed task into review. */
export function run(options: ReviewOptions, context: CommandContext): Promise<ReviewResult> {
  const { agent, task, claimId, request, prUrl } = options;
  return context.withQueue(async (queue) => {
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'review', request, agent, task, prUrl, ...given({ claimId }) }),
      request,
      becomes: 'reviewed',
      tell(outcome, submitted) {
        const name = formatKey(outcome.key);
        if (submitted.commit === undefined) {
          context.log.info(`${name} was already in review`, named(outcome.key));
          return;
        }
        const told = happened('task.review', outcome, { agent, ...submitted });
        context.log.tell({ ...told, ...given({ prUrl: outcome.prUrl }) }, `${name} is in review`);
      },
    });
    return {
      ...taskLine(outcome),
      ...where,
      claimId: outcome.claimId ?? null,
      agent,
      prUrl: outcome.prUrl ?? null,
      reviewSince: outcome.since,
      ...how,
    };
  });
}
