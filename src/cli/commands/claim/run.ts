import { formatDuration } from '../../../domain/base/duration.ts';
import { given } from '../../../domain/base/given.ts';
import { projectProblem } from '../../../domain/base/names.ts';
import type { ClaimIntent, TaskFilter, TaskReference } from '../../../domain/queue/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Submitted } from '../../../engine/queue/submitted.ts';
import { followCheckout, placeOf, submitAs, unexpectedOutcome } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readFilter } from '../../command/filter.ts';
import { type Input, usage, type Wait } from '../../command/input.ts';
import type { ClaimResult } from './result.ts';

/** Options of `agentq claim`. */
export interface ClaimOptions extends CommonOptions {
  readonly agent: string;
  readonly filter: TaskFilter;
  readonly task: TaskReference | undefined;
  readonly prefer: string | undefined;
  readonly mode: 'claim' | 'dry-run';
  /** Whether to wait for something to claim, and how long at most. */
  readonly wait: Wait | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq claim`. */
export function parse(input: Input): ClaimOptions {
  const agent = input.agent();
  const filter = readFilter(input);
  const task = input.taskFlag('task');
  const prefer = input.text('prefer', projectProblem);
  if (prefer !== undefined && filter.project !== undefined && prefer !== filter.project) {
    throw usage(`nothing of ${prefer} can be preferred when only ${filter.project} is claimed from`);
  }
  // The task's own project is the filter's: `--task auth/TASK-1` with AGENTQ_PROJECT=billing is about auth.
  const scoped = task?.project === undefined ? filter : { ...filter, project: task.project };
  const mode = input.isOn('dry-run') ? 'dry-run' : 'claim';
  if (mode === 'dry-run' && input.isGiven('wait')) throw usage('--dry-run does not wait: it says what is there now');
  return { agent, filter: scoped, task, prefer, mode, wait: input.wait('wait'), request: input.request() };
}

/** Claims the best claimable task, or with `--dry-run` says which one that would be. */
export function run(options: ClaimOptions, context: CommandContext): Promise<ClaimResult> {
  return context.withQueue(async (queue) => {
    const intent = (request = context.random.id()): ClaimIntent => ({
      kind: 'claim',
      request,
      agent: options.agent,
      filter: options.filter,
      ...given({ task: options.task, prefer: options.prefer }),
      attempt: 1,
      waitedMs: 0,
    });
    const isPlan = options.mode === 'dry-run';
    const submitted = await (isPlan ? queue.plan(intent()) : claim(queue, intent, options, context));
    const { outcome, commit, attempts, elapsedMs } = submitted;
    if (outcome.kind !== 'claimed') throw unexpectedOutcome(outcome);
    const name = formatKey(outcome.key);
    const title = outcome.title === undefined ? '' : `: ${outcome.title}`;
    if (isPlan) context.log.info(`would claim ${name}${title} (dry run, nothing was changed)`);
    else
      context.log.info(`claimed ${name}${title}`, { task: name, claimId: outcome.claim.claimId, attempts, elapsedMs });
    if (!isPlan && commit !== undefined) await followCheckout(queue, context, commit, outcome);
    return {
      project: outcome.key.project,
      task: outcome.key.id,
      title: outcome.title ?? null,
      priority: outcome.priority,
      type: outcome.type ?? null,
      path: outcome.path,
      ...placeOf(queue),
      commit: isPlan ? null : (commit ?? null),
      claimId: isPlan ? null : outcome.claim.claimId,
      agent: options.agent,
      claimedAt: isPlan ? null : outcome.claim.claimedAt,
      attempts,
      rejectedPushes: submitted.rejectedPushes,
      backoffBaseMs: submitted.backoffBaseMs,
      elapsedMs,
      ...(isPlan ? { dryRun: true as const } : {}),
    };
  });
}

/** Waiting ends in time for a last try within the limit of the whole command. */
function longest(waitMs: number | undefined, timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined) return waitMs;
  return Math.min(waitMs ?? Number.POSITIVE_INFINITY, timeoutMs * (7 / 8));
}

async function claim(
  queue: Queue,
  intent: (request?: string) => ClaimIntent,
  { wait, request }: ClaimOptions,
  context: CommandContext,
): Promise<Submitted> {
  if (wait === undefined) return submitAs(queue, context, request, intent);
  const { clock, signal, log } = context;
  const { claimWhenClaimable } = await import('../../../engine/waiting/claim-when-claimable.ts');
  const limit = wait.ms === undefined ? '' : ` for ${formatDuration(wait.ms)} at most`;
  let said = false;
  return claimWhenClaimable(queue, intent, {
    ...given({ again: request }),
    forMs: longest(wait.ms, context.config.timeoutMs),
    clock,
    signal,
    onWait({ code, message }) {
      // Every commit of anybody may be a reason to look again, but none to say so again.
      if (said && (code === 'nothing-claimable' || code === 'unknown-project')) log.debug(`${message}; still waiting`);
      else log.info(`${message}; waiting${limit}`);
      said = true;
    },
  });
}
