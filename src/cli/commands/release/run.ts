import { given } from '../../../domain/base/given.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import { type ClaimedTaskOptions, readClaimedTask } from '../../command/claimed-task.ts';
import type { CommandContext } from '../../command/context.ts';
import { readAllMine } from '../../command/hooks/all-mine.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import type { ReleaseMineOptions } from './release-mine.ts';
import type { ReleaseMineResult, ReleaseResult } from './result.ts';

/** Options of `agentq release`. */
export type ReleaseOptions = OneTaskOptions | (ReleaseMineOptions & { readonly task: 'mine' });

interface OneTaskOptions extends ClaimedTaskOptions {
  readonly reason: string | undefined;
}

/** Reads and checks the options of `agentq release`. */
export function parse(input: Input): ReleaseOptions {
  const reason = input.text('reason', oneLineProblem('the reason'));
  if (input.isOn('mine')) return { task: 'mine', reason, isReminder: input.isOn('remind'), ...readAllMine(input) };
  if (input.isOn('remind') || input.isGiven('hook')) throw usage('--remind and --hook are for --mine');
  return { ...readClaimedTask(input), reason };
}

/** Gives a claimed task back, or all that an agent works on. */
export async function run(
  options: ReleaseOptions,
  context: CommandContext,
): Promise<ReleaseResult | ReleaseMineResult> {
  if (options.task !== 'mine') return releaseOne(options, context);
  const { releaseMine } = await import('./release-mine.ts');
  return releaseMine(options, context);
}

function releaseOne(
  { agent, task, claimId, request, reason }: OneTaskOptions,
  context: CommandContext,
): Promise<ReleaseResult> {
  return context.withQueue(async (queue) => {
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'release', request, agent, task, ...given({ claimId, reason }) }),
      request,
      becomes: 'released',
      tell(outcome, submitted) {
        const told = happened('task.released', outcome, { agent, ...submitted });
        context.log.tell({ ...told, ...given({ reason }) }, `released ${formatKey(outcome.key)}`);
      },
    });
    return { ...taskLine(outcome), ...where, agent, ...how };
  });
}
