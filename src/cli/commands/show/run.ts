import { isoSeconds } from '../../../domain/base/clock.ts';
import { given } from '../../../domain/base/given.ts';
import type { TaskReference } from '../../../domain/intents/intent.ts';
import { isInReview } from '../../../domain/leases/staleness.ts';
import { eventView } from '../../../domain/past/event-view.ts';
import type { TaskEvent } from '../../../domain/past/task-event.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../domain/queue/snapshot.ts';
import { type DependencyEntry, isCancelled, type Task, type TaskState } from '../../../domain/queue/task.ts';
import { resolveReadable, resolveReference } from '../../../domain/resolving/reference.ts';
import { failureOf } from '../../../engine/base/refusal.ts';
import type { ReadQueue } from '../../../engine/queue/reader.ts';
import { placeOf, taskDetails, warnUnreadable } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { cameBack } from './came-back.ts';
import type { DependencyView, ShownTask, ShowResult } from './result.ts';

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
    // The folder of the task is not known yet, only its id. For the text alone, its bytes are read later.
    const isModelWanted = context.answer === 'json';
    const reader = await queue.read();
    const read = new Set<TaskState>();
    const snapshot = await reader.snapshot(
      isModelWanted ? { read, ids: new Set([options.task.id]), renewals: 'read' } : { read },
      given({ project: options.task.project }),
    );
    const state = new QueueState(snapshot);
    const found = resolveReference(state, options.task);
    if (found.kind === 'refused') throw failureOf(found.refusal);
    const { entry } = found;
    const model = isModelWanted ? resolveReadable(entry) : undefined;
    if (model?.kind === 'refused') throw failureOf(model.refusal);
    if (!isModelWanted) warnUnreadable(context, entry);
    const releases = await cameBack(reader, snapshot.tip, entry.key);
    if (!isModelWanted && entry.state !== 'completed') {
      // A release without a reason tells nobody anything.
      for (const event of releases) if (event.reason !== undefined) context.log.info(lineOf(event));
    }
    return {
      project: entry.key.project,
      task: entry.key.id,
      path: entry.path,
      ...placeOf(queue),
      ...placed(snapshot, entry.key.project),
      model:
        model === undefined
          ? null
          : {
              ...shownTask(state, entry, model.task),
              lastReleases: releases.map((event) => eventView(event, model.task)),
            },
      bytes: await reader.taskBytes(entry),
    };
  });
}

/** The branch that the project lives on, and where that is. */
function placed({ tip, branches }: ReadQueue, project: string): { readonly branch?: string; readonly tip: string } {
  const branch = branches?.ownership.branchOf(project);
  return branch === undefined ? { tip } : { branch, tip: branches?.tips.get(branch) ?? tip };
}

function lineOf({ kind, agent, at, reason, failures }: TaskEvent): string {
  const what = kind === 'task.stalled' ? 'was taken back' : `was released by ${agent}`;
  const times = failures === undefined ? '' : ` after failure ${failures}`;
  return `it ${what}${times} at ${isoSeconds(at)}${reason === undefined ? '' : `: ${reason}`}`;
}

function shownTask(state: QueueState, entry: TaskEntry, task: Task): Omit<ShownTask, 'lastReleases'> {
  const { claim, completion, ...view } = taskDetails(state, entry, task);
  return {
    ...view,
    summary: task.summary ?? null,
    details: task.details ?? null,
    verify: task.verify ?? [],
    needs: state.capabilities(entry),
    dependencies: { required: state.requirements(entry).map(dependencyView), blocks: task.blocks.map(dependencyView) },
    batch: task.batch ?? null,
    holdUntil: task.holdUntil ?? null,
    blockedReason: task.blockedReason ?? null,
    cancellation: isCancelled(task) && entry.state === 'ready' ? cancellationView(task) : null,
    lastFailures: state.failures(entry.key).last,
    review: isInReview(entry) ? { since: task.claim?.reviewSince ?? '', prUrl: task.claim?.prUrl ?? null } : null,
    claim: claim && { claimedBy: claim.agent, ...claim },
    completion: completion && {
      status: task.completion?.status ?? null,
      completedBy: completion.agent,
      ...completion,
    },
  };
}

function cancellationView({ cancellation = {} }: Task): ShownTask['cancellation'] {
  const { cancelledAt, cancelledBy, reason } = cancellation;
  return { cancelledAt: cancelledAt ?? null, cancelledBy: cancelledBy ?? null, reason: reason ?? null };
}

function dependencyView(entry: DependencyEntry): DependencyView {
  return { id: entry.id ?? null, text: entry.text };
}
