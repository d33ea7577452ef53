import { given } from '../../../domain/base/given.ts';
import { remoteProblem } from '../../../domain/base/names.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened, named } from '../../../domain/telling/happened.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import { type ClaimedTaskOptions, readClaimedTask } from '../../command/claimed-task.ts';
import type { CommandContext } from '../../command/context.ts';
import type { EarlyContext } from '../../command/declaration.ts';
import { readAllMine } from '../../command/hooks/all-mine.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import { changedLine } from './changed-line.ts';
import type { RenewMineOptions } from './not-now.ts';
import type { HeartbeatResult, MineResult } from './result.ts';
import { whatChanged } from './what-changed.ts';

const DEFAULT_GRACE_MS = 10_000;

/** Options of `agentq heartbeat`. */
export type HeartbeatOptions = OneTaskOptions | (RenewMineOptions & { readonly task: 'mine' });

interface OneTaskOptions extends ClaimedTaskOptions {
  /** Undefined: one heartbeat. */
  readonly watch:
    | { readonly everyMs: number | undefined; readonly pid: number | undefined; readonly graceMs: number }
    | undefined;
}

/** Reads and checks the options of `agentq heartbeat`. */
export function parse(input: Input): HeartbeatOptions {
  const olderThanMs = input.typedDuration('if-older-than');
  if (input.isOn('mine') || olderThanMs !== undefined) {
    if (input.isOn('watch')) throw usage('--watch is for one task', 'name it instead of --mine');
    const named = { branch: input.branch(), remote: input.text('remote', remoteProblem) };
    return { task: 'mine', olderThanMs, named, ...readAllMine(input) };
  }
  if (input.isGiven('hook')) throw usage('--hook is for --mine');
  const claimed = readClaimedTask(input);
  const [everyMs, graceMs] = [input.typedDuration('every'), input.typedDuration('grace')];
  const pid = input.integer('pid', 2, 2 ** 31);
  const isWatching = input.isOn('watch');
  if (!isWatching && (everyMs ?? graceMs ?? pid) !== undefined) {
    throw usage('--every, --pid and --grace are for --watch', 'without it, one heartbeat is sent');
  }
  return { ...claimed, watch: isWatching ? { everyMs, pid, graceMs: graceMs ?? DEFAULT_GRACE_MS } : undefined };
}

/** Finds without settings, git and remote that it is not time to renew. */
export async function early(options: HeartbeatOptions, context: EarlyContext): Promise<MineResult | undefined> {
  if (options.task !== 'mine') return undefined;
  const { notNow } = await import('./not-now.ts');
  return notNow(options, context);
}

/** Renews the claim on a task, once or for as long as a command works on it. */
export async function run(options: HeartbeatOptions, context: CommandContext): Promise<HeartbeatResult | MineResult> {
  if (options.task !== 'mine') return renewOne(options, context);
  const { renewMine } = await import('./renew-mine.ts');
  return renewMine(options, context);
}

function renewOne(options: OneTaskOptions, context: CommandContext): Promise<HeartbeatResult> {
  const { agent, task, claimId, request, watch } = options;
  return context.withQueue(async (queue) => {
    const { outcome, submitted, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'heartbeat', request, agent, task, ...given({ claimId }) }),
      request,
      becomes: 'renewed',
      tell(outcome, submitted) {
        const line = `renewed ${formatKey(outcome.key)} at ${outcome.at}`;
        const told = happened('task.renewed', outcome, { agent, ...submitted });
        // Within the second of the last renewal there is nothing to change.
        if (outcome.by === undefined && submitted.commit === undefined) context.log.debug(line, named(outcome.key));
        else context.log.tell(told, line, { level: 'debug' });
      },
    });
    const changed = await whatChanged(queue, outcome, submitted.commit ?? submitted.base, context);
    if (changed.length > 0) {
      context.log.info(changedLine(outcome.key, changed), { ...named(outcome.key), changed });
    }
    const watched = watch && (await watchClaim(queue, { agent, renewed: outcome, ...watch }, context));
    return {
      ...taskLine(outcome),
      ...where,
      claimId: outcome.claimId ?? null,
      agent,
      lastHeartbeat: outcome.at,
      changed: [...new Set([...changed, ...(watched?.changed ?? [])])],
      ...given({ beats: watched?.beats }),
      ...how,
    };
  });
}

const watchClaim: typeof import('./watch-claim.ts').watchClaim = async (...args) => {
  const module = await import('./watch-claim.ts');
  return module.watchClaim(...args);
};
