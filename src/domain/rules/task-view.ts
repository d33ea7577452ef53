import { isoSeconds } from '../base/clock.ts';
import type { ChangedTask, Outcome } from '../intents/outcome.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import type { ClaimBlock, ClaimView, CompletionBlock, CompletionView, Task, TaskView } from '../queue/task.ts';
import { conditionOf } from './readiness.ts';

/** The task as every answer in JSON has it. Pure: two commands that look at one tip never disagree. */
export function viewOf(state: QueueState, entry: TaskEntry): TaskView {
  const { key, path } = entry;
  const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
  return {
    project: key.project,
    task: key.id,
    title: task?.title ?? null,
    type: task?.type ?? null,
    priority: task?.priority ?? null,
    state: conditionOf(state, entry),
    status: task?.status ?? null,
    labels: task?.labels ?? {},
    requires: [...new Set(state.requirements(entry).flatMap(({ id }) => id ?? []))],
    waitingFor: entry.state === 'ready' ? state.missing(entry) : [],
    claim: claimView(entry, task?.claim),
    completion: completionView(entry, task?.completion),
    failures: state.failures(key).count,
    stalls: state.stalls(key),
    notes: task?.notes ?? [],
    questions: (task?.questions ?? []).map(({ answer = null, ...question }) => ({ ...question, answer })),
    path,
  };
}

/** Summary and details as one text, as `agentq add --description` takes it: the first line is the summary. */
export function descriptionOf({ summary, details }: Task): string | null {
  const parts = [summary, details].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.join('\n');
}

/**
 * When the owner was last heard of (ms since the epoch), by its ref or by a readable time in the file; undefined if
 * neither tells.
 */
export function lastSign(claim: ClaimBlock | undefined, renewedAt: number | undefined): number | undefined {
  const text = claim?.lastHeartbeat ?? claim?.claimedAt;
  const isTime = text !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  const written = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(written)) return renewedAt;
  return Math.max(written, renewedAt ?? written);
}

/** The outcome with the tasks that it names as they are in this state, after it was carried out. */
export function withViews(outcome: Outcome, state: QueueState): Outcome {
  switch (outcome.kind) {
    case 'claimed':
    case 'paused':
    case 'resumed':
      return outcome;
    case 'completed':
      return { ...shown(outcome, state), unblocked: outcome.unblocked.map((task) => shown(task, state)) };
    case 'renewed':
    case 'reviewed':
    case 'released':
    case 'noted':
    case 'asked':
    case 'answered':
      return shown(outcome, state);
    case 'cancelled':
      return {
        ...outcome,
        tasks: allShown(outcome.tasks, state),
        cascaded: allShown(outcome.cascaded, state),
        detached: allShown(outcome.detached, state),
        unblocked: allShown(outcome.unblocked, state),
      };
    case 'reopened':
      return {
        ...outcome,
        tasks: allShown(outcome.tasks, state),
        waiting: allShown(outcome.waiting, state),
        untouched: allShown(outcome.untouched, state),
      };
    case 'blocked':
      return { ...outcome, tasks: allShown(outcome.tasks, state) };
    case 'edited':
      return { ...outcome, tasks: outcome.tasks.map((task) => shown(task, state)) };
    case 'unblocked':
      return { ...outcome, tasks: outcome.tasks.map((task) => shown(task, state)) };
    case 'released-stalled':
      return { ...outcome, tasks: outcome.tasks.map((task) => shown(task, state)) };
    case 'added':
      return { ...outcome, tasks: outcome.tasks.map((task) => shown(task, state)) };
  }
}

function allShown<Changed extends ChangedTask>(tasks: readonly Changed[], state: QueueState): readonly Changed[] {
  return tasks.map((task) => shown(task, state));
}

function shown<Changed extends ChangedTask>(task: Changed, state: QueueState): Changed {
  const found = state.lookup(task.key);
  return found.kind === 'found' ? { ...task, view: viewOf(state, found.entry) } : task;
}

/** Files in the field carry leftovers of earlier claims: while a task is ready, none counts. */
function claimView({ state, renewedAt }: TaskEntry, claim: ClaimBlock | undefined): ClaimView | null {
  if (state === 'ready' || claim === undefined) return null;
  const isByRef = renewedAt !== undefined && renewedAt === lastSign(claim, renewedAt);
  return {
    agent: claim.claimedBy ?? null,
    claimId: claim.claimId ?? null,
    claimedAt: claim.claimedAt ?? null,
    lastHeartbeat: isByRef ? isoSeconds(renewedAt) : (claim.lastHeartbeat ?? null),
    attempt: claim.attempt ?? null,
  };
}

function completionView({ state }: TaskEntry, completion: CompletionBlock | undefined): CompletionView | null {
  if (state !== 'completed' || completion === undefined) return null;
  return {
    agent: completion.completedBy ?? null,
    completedAt: completion.completedAt ?? null,
    prUrl: completion.prUrl ?? null,
  };
}
