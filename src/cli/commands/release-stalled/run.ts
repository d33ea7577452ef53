import { approximateDuration, formatDuration } from '../../../domain/base/duration.ts';
import { given } from '../../../domain/base/given.ts';
import { ORCHESTRATOR } from '../../../domain/intents/intent.ts';
import type { StalledOutcome, StalledTask } from '../../../domain/intents/outcome.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened, named } from '../../../domain/telling/happened.ts';
import type { Submitted } from '../../../engine/queue/submitted.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { ReleasedTask, ReleaseStalledResult } from './result.ts';

/** Options of `agentq release-stalled`. */
export interface ReleaseStalledOptions extends CommonOptions {
  readonly project: string | undefined;
  /** undefined: as the settings on the queue's branch say. */
  readonly olderThanMs: number | undefined;
  readonly mode: 'release' | 'dry-run';
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq release-stalled`. */
export function parse(input: Input): ReleaseStalledOptions {
  const project = input.project();
  // The older script took the minutes in this place.
  if (project !== undefined && /^\d+[smhd]?$/.test(project)) {
    const duration = /\d$/.test(project) ? `${project}m` : project;
    throw usage(`${project} is a number, not a project`, `did you mean --older-than ${duration}?`);
  }
  return {
    project,
    olderThanMs: input.duration('older-than'),
    mode: input.isOn('dry-run') ? 'dry-run' : 'release',
    request: input.request(),
  };
}

/** Takes back what silent agents hold, or with `--dry-run` says what it would take back. */
export function run(options: ReleaseStalledOptions, context: CommandContext): Promise<ReleaseStalledResult> {
  const { project, olderThanMs, request } = options;
  const isDryRun = options.mode === 'dry-run';
  return context.withQueue(async (queue) => {
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({
        kind: 'release-stalled',
        request,
        agent: ORCHESTRATOR,
        ...given({ project, olderThanMs }),
      }),
      request,
      isDryRun,
      becomes: 'released-stalled',
      tell: (outcome, submitted) => tell(outcome, submitted, isDryRun, context),
    });
    return { ...where, olderThanMs: outcome.olderThanMs, tasks: outcome.tasks.map(toReleased), ...how };
  });
}

function tell(
  { tasks, olderThanMs }: StalledOutcome,
  submitted: Submitted,
  isDryRun: boolean,
  { log }: CommandContext,
): void {
  if (tasks.length === 0) log.info(`no claim is stalled (no heartbeat for ${formatDuration(olderThanMs)})`);
  for (const task of tasks) {
    const done = isDryRun ? 'would release' : 'released';
    const line = `${done} ${formatKey(task.key)}${details(task, isDryRun)}`;
    if (isDryRun) log.info(line, named(task.key));
    else {
      const told = happened('task.stalled', task, { ...submitted, agent: task.agent ?? ORCHESTRATOR });
      const reason = `no heartbeat for ${formatDuration(olderThanMs)}`;
      log.tell({ ...told, reason, stalls: task.stalls }, line);
    }
  }
  if (isDryRun && tasks.length > 0) log.info('dry run, nothing was changed');
}

function details({ agent, silentMs, stalls, isBlocked }: StalledTask, isDryRun: boolean): string {
  const silence = silentMs === undefined ? '' : ` silent for ${approximateDuration(silentMs)}`;
  const owner = agent === undefined && silence === '' ? '' : `: ${agent ?? 'its agent'} was${silence || ' silent'}`;
  if (!isBlocked) return owner;
  return `${owner}; it has stalled ${stalls} times and ${isDryRun ? 'would be' : 'is'} blocked now`;
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
