import { type NothingClaimable, wholePause } from '../../../domain/base/claimable.ts';
import { formatDuration } from '../../../domain/base/duration.ts';
import { given } from '../../../domain/base/given.ts';
import { projectProblem } from '../../../domain/base/names.ts';
import type { ClaimIntent, TaskFilter, TaskReference } from '../../../domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../../domain/intents/outcome.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Submitted } from '../../../engine/queue/submitted.ts';
import { describeTaking, taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readClaimFilter } from '../../command/filter.ts';
import type { Input, Wait } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import { secondClaimProblem } from '../../command/worker-arguments.ts';
import { describeClaimed } from './describe-claimed.ts';
import type { ClaimResult } from './result.ts';

/** Options of `agentq claim`. */
export interface ClaimOptions extends CommonOptions {
  readonly agent: string;
  readonly filter: TaskFilter;
  readonly task: TaskReference | undefined;
  readonly prefer: string | undefined;
  readonly mode: 'claim' | 'dry-run';
  /** Whether to wait for something to claim, and for how long at most. */
  readonly wait: Wait | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq claim`. */
export function parse(input: Input): ClaimOptions {
  const agent = input.agent();
  const isDryRun = input.isOn('dry-run');
  const busy = isDryRun ? undefined : secondClaimProblem(agent, (name) => input.workers(name));
  if (busy !== undefined) throw usage(busy, 'finish this one, or name another agent');
  const filter: TaskFilter = readClaimFilter(input);
  const task = input.taskFlag('task');
  const prefer = input.text('prefer', projectProblem);
  if (prefer !== undefined && filter.project !== undefined && prefer !== filter.project) {
    throw usage(`${prefer} cannot be preferred when claims are only from ${filter.project}`);
  }
  // The project of the task wins: `--task auth/TASK-1` with AGENTQ_PROJECT=billing is about auth.
  const scoped = task?.project === undefined ? filter : { ...filter, project: task.project };
  const mode = isDryRun ? 'dry-run' : 'claim';
  if (mode === 'dry-run' && input.isGiven('wait'))
    throw usage('--dry-run does not wait: it says what can be claimed now');
  return { agent, filter: scoped, task, prefer, mode, wait: input.wait('wait'), request: input.request() };
}

/** Claims the best claimable task, or with `--dry-run` says which one it would claim. */
export function run(options: ClaimOptions, context: CommandContext): Promise<ClaimResult> {
  const { agent, filter, task, prefer, wait, request } = options;
  const isDryRun = options.mode === 'dry-run';
  const intent = (request = context.random.id()): ClaimIntent => ({
    kind: 'claim',
    request,
    agent,
    filter,
    ...given({ task, prefer }),
    attempt: 1,
    waitedMs: 0,
  });
  return context.withQueue(async (queue) => {
    const { outcome, submitted, where, how } = await carryOut(queue, context, {
      intent,
      request,
      isDryRun,
      submit: wait && (() => submitWaiting(queue, intent, { wait, request }, context)),
      becomes: 'claimed',
      tell({ key, title, claim: { claimId }, takenFrom }, submitted) {
        const { attempts, elapsedMs } = submitted;
        const name = formatKey(key);
        const whose = takenFrom === undefined ? '' : ` (${describeTaking(takenFrom)})`;
        const named = `${title === undefined ? name : `${name}: ${title}`}${whose}`;
        if (isDryRun) context.log.info(`would claim ${named} (dry run, nothing was changed)`);
        else {
          const told = happened('task.claimed', { key, title }, { agent, ...submitted });
          context.log.tell({ ...told, claimId, attempts, elapsedMs }, `claimed ${named}`);
        }
      },
    });
    const { attempts, ...spent } = how;
    return {
      // Only a document shows all of the task, and only for that its file is read.
      ...(context.answer === 'json' ? await describeClaimed(queue, context, outcome, submitted.commit) : {}),
      ...taskLine(outcome),
      priority: outcome.priority,
      type: outcome.type ?? null,
      ...where,
      claimId: isDryRun ? null : outcome.claim.claimId,
      agent,
      claimedAt: isDryRun ? null : outcome.claim.claimedAt,
      attempts,
      rejectedPushes: submitted.rejectedPushes,
      backoffBaseMs: submitted.backoffBaseMs,
      ...spent,
      ...given({ takenFrom: takenFromOf(outcome) }),
    };
  });
}

/** Who lost the claim that was taken for this one. */
function takenFromOf({ takenFrom }: ClaimedOutcome): ClaimResult['takenFrom'] {
  if (takenFrom === undefined) return undefined;
  const { agent, silentMs, stalls } = takenFrom;
  return { agent: agent ?? null, silentMs, stalls };
}

/** Waiting ends early enough for a last try within the timeout of the command. */
function longest(waitMs: number | undefined, timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined) return waitMs;
  return Math.min(waitMs ?? Number.POSITIVE_INFINITY, timeoutMs * (7 / 8));
}

async function submitWaiting(
  queue: Queue,
  intent: (request?: string) => ClaimIntent,
  { wait, request }: { readonly wait: Wait; readonly request: string | undefined },
  context: CommandContext,
): Promise<Submitted> {
  const { clock, signal, log } = context;
  const { claimWhenClaimable } = await import('../../../engine/waiting/claim-when-claimable.ts');
  const limit = wait.ms === undefined ? '' : ` for ${formatDuration(wait.ms)} at most`;
  let said = false;
  let pause: string | undefined;
  return claimWhenClaimable(queue, intent, {
    ...given({ again: request }),
    forMs: longest(wait.ms, context.config.timeoutMs),
    clock,
    signal,
    onWait({ code, message, details }) {
      const before = pause;
      pause = wholePause(details.why as NothingClaimable | undefined);
      // Every commit may be a reason to look again, but not to repeat the message, unless a pause is news.
      if (said && pause === before && (code === 'nothing-claimable' || code === 'unknown-project'))
        log.debug(`${message}; still waiting`);
      else log.info(`${message}; waiting${limit}`);
      said = true;
    },
  });
}
