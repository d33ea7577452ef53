import { given } from '../../../domain/base/given.ts';
import { projectProblem } from '../../../domain/base/names.ts';
import type { TaskReference } from '../../../domain/intents/intent.ts';
import { type EventView, eventView } from '../../../domain/past/event-view.ts';
import { taskPaths } from '../../../domain/past/task-paths.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../../../domain/queue/snapshot.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { resolveReference } from '../../../domain/resolving/reference.ts';
import { failureOf } from '../../../engine/base/refusal.ts';
import { placeOf, requireProject, tipsOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { type Since, sinceOf, startOf } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import type { LogResult } from './result.ts';

/** How many events are shown unless somebody asks for more. */
const DEFAULT_EVENTS = 50;

/** Options of `agentq log`. */
export interface LogOptions extends CommonOptions {
  /** undefined: the whole queue. */
  readonly task: TaskReference | undefined;
  /** Only this project. */
  readonly project: string | undefined;
  readonly since: Since | undefined;
  /** Most events; undefined: all since then. */
  readonly limit: number | undefined;
}

/** Reads and checks the options of `agentq log`. */
export function parse(input: Input): LogOptions {
  const text = input.typed('since', oneLineProblem('--since'));
  const since = text === undefined ? undefined : sinceOf(text);
  const limit = input.integer('events', 1, 1_000_000) ?? (since === undefined ? DEFAULT_EVENTS : undefined);
  const named = input.typed('project', projectProblem);
  const project = named ?? input.project();
  const task = input.optionalTask('task');
  // Under a worker, the task that is not named is its own: whoever names a project wants to know of that.
  const isOwn = task !== undefined && task.id === input.workers('AGENTQ_TASK_ID');
  if (named !== undefined && task !== undefined && !isOwn) throw usage('--project is for the log of all its tasks');
  return { task: named === undefined ? task : undefined, project, since, limit };
}

/** What happened, from the tip of the queue back. */
export function run({ task, project, since, limit }: LogOptions, context: CommandContext): Promise<LogResult> {
  return context.withQueue(async (queue) => {
    const reader = await queue.read();
    const snapshot = await reader.snapshot({ read: new Set() }, given({ project: task?.project ?? project }));
    requireProject(snapshot, project);
    const entry = task && entryOf(snapshot, task);
    const events: EventView[] = [];
    const past = reader.past({
      tip: snapshot.tip,
      limit,
      ...startOf(since, context.clock.now()),
      ...given({ project: task === undefined ? project : undefined }),
      ...given({ task: entry && { key: entry.key, paths: taskPaths(entry) } }),
      onNotice: (message) => context.log.warning(message),
    });
    for await (const { event, task: then } of past) events.push(eventView(event, then));
    return {
      ...placeOf(queue),
      tip: snapshot.tip,
      ...tipsOf(snapshot),
      task: entry === undefined ? null : formatKey(entry.key),
      events: events.reverse(),
    };
  });
}

function entryOf(snapshot: QueueSnapshot, task: TaskReference): TaskEntry {
  const found = resolveReference(new QueueState(snapshot), task);
  if (found.kind === 'refused') throw failureOf(found.refusal);
  return found.entry;
}
