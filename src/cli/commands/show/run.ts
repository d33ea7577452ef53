import { resolveReadable, resolveReference } from '../../../domain/deciding/reference.ts';
import type { TaskReference } from '../../../domain/queue/intent.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { DependencyEntry, Task } from '../../../domain/queue/task.ts';
import { failureOf } from '../../../engine/base/refusal.ts';
import { EVERY_STATE, placeOf, warnUnreadable } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import type { DependencyView, ShowResult, TaskView } from './result.ts';

/** Options of `agentq show`. */
export interface ShowOptions extends CommonOptions {
  readonly task: TaskReference;
}

/** Reads and checks the options of `agentq show`. */
export function parse(input: Input): ShowOptions {
  return { task: input.task('task') };
}

/** The bytes of the task's file, or its model for `--json`, from the tip of the queue. */
export function run(options: ShowOptions, context: CommandContext): Promise<ShowResult> {
  return context.withQueue(async (queue) => {
    // The folder of the task is not known yet. For the text alone, only the file of the task is read.
    const isModelWanted = context.answer === 'json';
    const reader = await queue.read();
    const snapshot = await reader.snapshot({ read: isModelWanted ? EVERY_STATE : new Set() });
    const state = new QueueState(snapshot);
    const found = resolveReference(state, options.task);
    if (found.kind === 'refused') throw failureOf(found.refusal);
    const { entry } = found;
    const model = isModelWanted ? resolveReadable(entry) : undefined;
    if (model?.kind === 'refused') throw failureOf(model.refusal);
    if (!isModelWanted) warnUnreadable(context, entry);
    return {
      project: entry.key.project,
      task: entry.key.id,
      state: entry.state,
      path: entry.path,
      ...placeOf(queue),
      tip: snapshot.tip,
      waitingFor: state.missing(entry),
      model: model === undefined ? null : viewOf(model.task),
      bytes: await reader.taskBytes(entry),
    };
  });
}

function viewOf(task: Task): TaskView {
  const { claim, completion } = task;
  return {
    title: task.title ?? null,
    type: task.type ?? null,
    priority: task.priority,
    status: task.status ?? null,
    summary: task.summary ?? null,
    details: task.details ?? null,
    acceptanceCriteria: task.acceptanceCriteria,
    verify: task.verify ?? [],
    dependencies: { required: task.required.map(dependencyView), blocks: task.blocks.map(dependencyView) },
    labels: task.labels,
    batch: task.batch ?? null,
    holdUntil: task.holdUntil ?? null,
    blockedReason: task.blockedReason ?? null,
    claim: claim
      ? {
          claimedBy: claim.claimedBy ?? null,
          claimedAt: claim.claimedAt ?? null,
          lastHeartbeat: claim.lastHeartbeat ?? null,
          attempt: claim.attempt ?? null,
          claimId: claim.claimId ?? null,
        }
      : null,
    completion: completion
      ? {
          status: completion.status ?? null,
          completedAt: completion.completedAt ?? null,
          completedBy: completion.completedBy ?? null,
          prUrl: completion.prUrl ?? null,
        }
      : null,
  };
}

function dependencyView(entry: DependencyEntry): DependencyView {
  return { id: entry.id ?? null, text: entry.text };
}
