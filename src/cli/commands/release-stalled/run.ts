import { approximateDuration, formatDuration } from '../../../domain/base/duration.ts';
import { given } from '../../../domain/base/given.ts';
import { ORCHESTRATOR, type ReleaseStalledIntent, type StalledTask } from '../../../domain/queue/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { followCheckout, placeOf, submitAs, taskLine, unexpectedOutcome } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import type { ReleasedTask, ReleaseStalledResult } from './result.ts';

/** Options of `agentq release-stalled`. */
export interface ReleaseStalledOptions extends CommonOptions {
  readonly project: string | undefined;
  /** undefined: what the settings of the queue's own branch say. */
  readonly olderThanMs: number | undefined;
  readonly mode: 'release' | 'dry-run';
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq release-stalled`. */
export function parse(input: Input): ReleaseStalledOptions {
  return {
    project: input.project(),
    olderThanMs: input.duration('older-than'),
    mode: input.isOn('dry-run') ? 'dry-run' : 'release',
    request: input.request(),
  };
}

/** Takes back what agents that fell silent hold, or with `--dry-run` says what that would be. */
export function run(options: ReleaseStalledOptions, context: CommandContext): Promise<ReleaseStalledResult> {
  return context.withQueue(async (queue) => {
    const intent = (request: string): ReleaseStalledIntent => ({
      kind: 'release-stalled',
      request,
      agent: ORCHESTRATOR,
      ...given({ project: options.project, olderThanMs: options.olderThanMs }),
    });
    const isPlan = options.mode === 'dry-run';
    const { outcome, commit, attempts, elapsedMs } = await (isPlan
      ? queue.plan(intent(context.random.id()))
      : submitAs(queue, context, options.request, intent));
    if (outcome.kind !== 'released-stalled') throw unexpectedOutcome(outcome);
    const { tasks, olderThanMs } = outcome;
    if (tasks.length === 0) context.log.info(`no claim is stalled (no heartbeat for ${formatDuration(olderThanMs)})`);
    for (const task of tasks) {
      const done = isPlan ? 'would release' : 'released';
      const line = `${done} ${formatKey(task.key)}${details(task, isPlan)}`;
      context.log.info(line, { task: formatKey(task.key), stalls: task.stalls });
    }
    if (isPlan && tasks.length > 0) context.log.info('dry run, nothing was changed');
    if (commit !== undefined) await followCheckout(queue, context, commit, ...tasks);
    return {
      ...placeOf(queue),
      commit: commit ?? null,
      olderThanMs,
      tasks: tasks.map(toReleased),
      attempts,
      elapsedMs,
      ...(isPlan ? { dryRun: true as const } : {}),
    };
  });
}

function details({ agent, silentMs, stalls, isBlocked }: StalledTask, isPlan: boolean): string {
  const silence = silentMs === undefined ? '' : ` silent for ${approximateDuration(silentMs)}`;
  const owner = agent === undefined && silence === '' ? '' : `: ${agent ?? 'its agent'} was${silence || ' silent'}`;
  if (!isBlocked) return owner;
  return `${owner}; it has stalled ${stalls} times and ${isPlan ? 'would be' : 'is'} blocked now`;
}

function toReleased(task: StalledTask): ReleasedTask {
  return {
    ...taskLine(task),
    agent: task.agent ?? null,
    silentMs: task.silentMs ?? null,
    stalls: task.stalls,
    blocked: task.isBlocked,
  };
}
