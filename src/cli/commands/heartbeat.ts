import type { TaskReference } from '../../domain/intent.ts';
import { formatKey } from '../../domain/task.ts';
import type { CommandContext } from '../context.ts';
import type { CommonOptions } from '../declaration.ts';
import type { Input } from '../input.ts';
import type { HeartbeatResult } from '../results.ts';
import { followCheckout, placeOf, unexpectedOutcome } from './answers.ts';

/** Options of `agentq heartbeat`. */
export interface HeartbeatOptions extends CommonOptions {
  readonly agent: string;
  readonly task: TaskReference;
  readonly claimId: string | undefined;
}

/** Reads and checks the options of `agentq heartbeat`. */
export function parse(input: Input): HeartbeatOptions {
  const task = input.task('task-id');
  return { agent: input.agent(), task, claimId: input.claimId(task) };
}

/** Renews the lease on a claimed task. */
export function run(options: HeartbeatOptions, context: CommandContext): Promise<HeartbeatResult> {
  return context.withQueue(async (queue) => {
    const { outcome, commit, attempts, elapsedMs } = await queue.submit({
      kind: 'heartbeat',
      request: context.random.id(),
      agent: options.agent,
      task: options.task,
      ...(options.claimId === undefined ? {} : { claimId: options.claimId }),
    });
    if (outcome.kind !== 'renewed') throw unexpectedOutcome(outcome);
    context.log.debug(`renewed ${formatKey(outcome.key)} at ${outcome.at}`);
    if (commit !== undefined) await followCheckout(queue, context, commit, outcome);
    return {
      kind: 'heartbeat',
      project: outcome.key.project,
      task: outcome.key.id,
      path: outcome.path,
      ...placeOf(queue),
      commit: commit ?? null,
      claimId: outcome.claimId ?? null,
      agent: options.agent,
      lastHeartbeat: outcome.at,
      attempts,
      elapsedMs,
    };
  });
}
