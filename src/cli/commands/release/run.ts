import { given } from '../../../domain/base/given.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import { type ClaimedTaskOptions, readClaimedTask } from '../../command/claimed-task.ts';
import type { CommandContext } from '../../command/context.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem } from '../../command/usage.ts';
import type { ReleaseResult } from './result.ts';

/** Options of `agentq release`. */
export interface ReleaseOptions extends ClaimedTaskOptions {
  readonly reason: string | undefined;
}

/** Reads and checks the options of `agentq release`. */
export function parse(input: Input): ReleaseOptions {
  return { ...readClaimedTask(input), reason: input.text('reason', oneLineProblem('the reason')) };
}

/** Gives a claimed task back. */
export function run(
  { agent, task, claimId, request, reason }: ReleaseOptions,
  context: CommandContext,
): Promise<ReleaseResult> {
  return context.withQueue(async (queue) => {
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'release', request, agent, task, ...given({ claimId, reason }) }),
      request,
      becomes: 'released',
      tell({ key }) {
        const name = formatKey(key);
        context.log.info(`released ${name}`, { task: name });
      },
    });
    return { ...taskLine(outcome), ...where, agent, ...how };
  });
}
