import { given } from '../../../domain/base/given.ts';
import type { TaskReference } from '../../../domain/queue/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { followCheckout, placeOf, submitAs, unexpectedOutcome } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { type Input, usage } from '../../command/input.ts';
import type { HeartbeatResult } from './result.ts';

const DEFAULT_GRACE_MS = 10_000;

/** Options of `agentq heartbeat`. */
export interface HeartbeatOptions extends CommonOptions {
  readonly agent: string;
  readonly task: TaskReference;
  readonly claimId: string | undefined;
  readonly request: string | undefined;
  /** Undefined: one heartbeat. */
  readonly watch:
    | { readonly everyMs: number | undefined; readonly pid: number | undefined; readonly graceMs: number }
    | undefined;
}

/** Reads and checks the options of `agentq heartbeat`. */
export function parse(input: Input): HeartbeatOptions {
  const task = input.task('task-id');
  const [everyMs, graceMs] = [input.typedDuration('every'), input.typedDuration('grace')];
  const pid = input.integer('pid', 2, 2 ** 31);
  const isWatching = input.isOn('watch');
  if (!isWatching && (everyMs ?? graceMs ?? pid) !== undefined) {
    throw usage('--every, --pid and --grace are for --watch', 'without it, one heartbeat is sent');
  }
  return {
    agent: input.agent(),
    task,
    claimId: input.claimId(task),
    request: input.request(),
    watch: isWatching ? { everyMs, pid, graceMs: graceMs ?? DEFAULT_GRACE_MS } : undefined,
  };
}

/** Renews the lease on a claimed task, once or for as long as a command works on it. */
export function run(options: HeartbeatOptions, context: CommandContext): Promise<HeartbeatResult> {
  return context.withQueue(async (queue) => {
    const { agent, watch } = options;
    const { outcome, commit, attempts, elapsedMs } = await submitAs(queue, context, options.request, (request) => ({
      kind: 'heartbeat',
      request,
      agent,
      task: options.task,
      ...given({ claimId: options.claimId }),
    }));
    if (outcome.kind !== 'renewed') throw unexpectedOutcome(outcome);
    context.log.debug(`renewed ${formatKey(outcome.key)} at ${outcome.at}`);
    if (commit !== undefined) await followCheckout(queue, context, commit, outcome);
    const beats = watch && (await watchClaim(queue, { agent, renewed: outcome, ...watch }, context));
    return {
      project: outcome.key.project,
      task: outcome.key.id,
      path: outcome.path,
      ...placeOf(queue),
      commit: commit ?? null,
      claimId: outcome.claimId ?? null,
      agent,
      lastHeartbeat: outcome.at,
      ...given({ beats }),
      attempts,
      elapsedMs,
    };
  });
}

const watchClaim: typeof import('./watch-claim.ts').watchClaim = async (...args) => {
  const module = await import('./watch-claim.ts');
  return module.watchClaim(...args);
};
