import { agentProblem } from '../../../domain/base/names.ts';
import type { TaskReference } from '../../../domain/intents/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import { secondClaimProblem } from '../../command/worker-arguments.ts';
import { describeClaimed } from '../claim/describe-claimed.ts';
import type { TakeResult } from './result.ts';

/** Options of `agentq take`. */
export interface TakeOptions extends CommonOptions {
  readonly task: TaskReference;
  readonly agent: string;
  readonly from: string;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq take`. */
export function parse(input: Input): TakeOptions {
  const task = input.task('task');
  const agent = input.agent();
  const from = input.typed('from', agentProblem);
  if (from === undefined)
    throw usage('--from is missing', 'name the agent that holds the task now: `agentq show` does');
  const busy = secondClaimProblem(agent, (name) => input.workers(name));
  if (busy !== undefined) throw usage(busy, 'finish this one, or name another agent');
  return { task, agent, from, request: input.request() };
}

/** Hands a claimed task over. */
export function run({ task, agent, from, request }: TakeOptions, context: CommandContext): Promise<TakeResult> {
  return context.withQueue(async (queue) => {
    const { outcome, submitted, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'take', request, agent, task, from }),
      request,
      becomes: 'claimed',
      tell(outcome, submitted) {
        const { attempts, elapsedMs } = submitted;
        const { claimId } = outcome.claim;
        const told = happened('task.taken', outcome, { agent, ...submitted });
        const line = `took ${formatKey(outcome.key)} from ${from}`;
        context.log.tell({ ...told, from, claimId, attempts, elapsedMs }, line);
      },
    });
    const { attempts, ...spent } = how;
    return {
      ...(context.answer === 'json' ? await describeClaimed(queue, context, outcome, submitted.commit) : {}),
      ...taskLine(outcome),
      priority: outcome.priority,
      type: outcome.type ?? null,
      ...where,
      claimId: outcome.claim.claimId,
      agent,
      from,
      claimedAt: outcome.claim.claimedAt,
      attempts,
      rejectedPushes: submitted.rejectedPushes,
      backoffBaseMs: submitted.backoffBaseMs,
      ...spent,
    };
  });
}
