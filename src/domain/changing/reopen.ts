import type { Refusal } from '../base/failure.ts';
import type { ReopenIntent } from '../intents/intent.ts';
import type { ReopenedOutcome } from '../intents/outcome.ts';
import type { TaskChange, TaskEdit } from '../queue/edit.ts';
import { ASKING } from '../queue/question.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import { NO_FAILURES, type TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isCancelled, type TaskKey } from '../queue/task.ts';
import { changedTask, inListOrder } from '../resolving/changed-task.ts';
import type { ReadEntry } from '../resolving/reference.ts';
import { resolveSeveral } from '../resolving/several.ts';
import { type Decision, eachTask, refused, subjectOf, TRAILER, trailersOf } from '../rules/decision.ts';
import { ledgersAfter } from '../rules/ledger.ts';
import { isNotYetOpen, ReadinessJudge } from '../rules/readiness.ts';
import { requiredBy } from './dependants.ts';

/**
 * Makes completed and cancelled tasks ready again, or blocked where they wait for others, all in one commit. A
 * cancelled task is what it was before. A task that a completion had made ready, and that is not claimed, waits again;
 * one that is claimed or completed is named, and stays. The counts of stalls and failures are reset. An open task stays
 * as it is.
 */
export function decideReopen(state: QueueState, intent: ReopenIntent): Decision {
  const resolved = resolveSeveral(state, intent, 'reopen');
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  for (const one of resolved.entries) {
    const problem = notReopened(one);
    if (problem !== undefined) return refused(problem);
  }
  const closed = resolved.entries.filter(isClosed);
  const drafts = closed.map(firstDraft);
  const judge = new ReadinessJudge(state, drafts);
  const reopened = drafts.map((draft, index) => withStatus(draft, closed[index], judge));
  const keys = closed.map(({ entry }) => entry.key);
  const waiting = inListOrder(waitingAgain(state, reopened));
  const outcome: ReopenedOutcome = {
    kind: 'reopened',
    tasks: resolved.entries.map(({ entry }) =>
      changedTask(entry, isClosed({ entry }) ? pathIn(entry, 'ready') : entry.path),
    ),
    waiting: waiting.map((entry) => changedTask(entry)),
    untouched: inListOrder(untouchedBy(state, keys)).map((entry) => changedTask(entry)),
  };
  if (reopened.length === 0) return { kind: 'unchanged', outcome };
  const changes = [...reopened, ...waiting.map(waitAgain)];
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-REOPEN] ${intent.agent} reopened ${subjectOf(keys)}`,
      trailers: [...trailersOf(intent, keys), ...eachTask(TRAILER.waiting, waiting)],
      author: intent.agent,
      tasks: changes,
      files: ledgersAfter(state, reopened),
    },
    outcome,
  };
}

function isClosed({ entry }: Pick<ReadEntry, 'entry'>): boolean {
  return entry.state === 'completed' || (entry.reading.kind === 'read' && isOutOfQueue(entry));
}

function isOutOfQueue({ state, reading }: TaskEntry): boolean {
  return state === 'ready' && reading.kind === 'read' && isCancelled(reading.task);
}

/** An open task is already as the caller wants it, unless something else keeps it from being claimed. */
function notReopened({ entry, task }: ReadEntry): Refusal | undefined {
  const name = formatKey(entry.key);
  if (entry.state === 'claimed') {
    const message = `${name} is neither completed nor cancelled: it is claimed by ${task.claim?.claimedBy ?? 'somebody'}`;
    return { code: 'task-invalid', message, hint: 'the one who holds it gives it back with `agentq release`' };
  }
  if (entry.state === 'completed' || isCancelled(task) || task.status === 'ready' || isNotYetOpen(entry)) {
    return undefined;
  }
  const message = `${name} is neither completed nor cancelled: it has status ${task.status ?? '(none)'}`;
  const hint = task.status === ASKING ? `\`agentq answer ${name}\`` : `\`agentq unblock --task ${name}\` frees it`;
  return { code: 'task-invalid', message, hint };
}

/** Removes the completion or cancellation from the file. */
function firstDraft({ entry }: ReadEntry): TaskChange {
  const edits: readonly TaskEdit[] =
    entry.state === 'completed'
      ? [{ kind: 'remove-endings' }]
      : [{ kind: 'restore-status' }, { kind: 'remove-cancellation' }];
  return {
    key: entry.key,
    from: entry.state,
    to: 'ready',
    fromPath: entry.path,
    toPath: pathIn(entry, 'ready'),
    edits,
    stalls: 0,
    failures: NO_FAILURES,
  };
}

function withStatus(draft: TaskChange, one: ReadEntry | undefined, judge: ReadinessJudge): TaskChange {
  if (one === undefined) return draft;
  const { entry, task } = one;
  const isWaiting = judge.missing(entry).length > 0;
  if (entry.state === 'completed') {
    const status = isWaiting ? 'blocked' : 'ready';
    const edits: readonly TaskEdit[] = [
      ...draft.edits,
      ...(task.status === status ? [] : [{ kind: 'set-status' as const, status }]),
      // It was claimed in spite of it, so the reason is an old one.
      ...(task.blockedReason === undefined ? [] : [{ kind: 'set-blocked-reason' as const, reason: undefined }]),
    ];
    return { ...draft, edits };
  }
  const before = task.cancellation?.before ?? 'ready';
  if (before === 'ready') {
    return isWaiting ? { ...draft, edits: [...draft.edits, { kind: 'set-status', status: 'blocked' }] } : draft;
  }
  // What it waited for may have come meanwhile; what a person blocked is still blocked.
  const isDue = judge.readinessOf(entry) === 'due';
  return isDue ? { ...draft, edits: [...draft.edits, { kind: 'set-status', status: 'ready' }] } : draft;
}

/** Ready tasks that could be claimed before, and now wait for one of the tasks or for its batch. */
function waitingAgain(state: QueueState, reopened: readonly TaskChange[]): readonly TaskEntry[] {
  const before = new ReadinessJudge(state);
  const after = new ReadinessJudge(state, reopened);
  const own = new Set(reopened.map(({ key }) => formatKey(key)));
  const waiting: TaskEntry[] = [];
  for (const entry of state.inState('ready')) {
    if (own.has(formatKey(entry.key)) || entry.reading.kind !== 'read') continue;
    const { task } = entry.reading;
    if (
      task.status !== 'ready' ||
      (task.required.length === 0 && task.needs === undefined && task.holdUntil === undefined)
    ) {
      continue;
    }
    if (!after.waitsForNothing(entry) && before.waitsForNothing(entry)) waiting.push(entry);
  }
  return waiting;
}

/** Claimed and completed tasks that require one of the tasks. */
function untouchedBy(state: QueueState, keys: readonly TaskKey[]): readonly TaskEntry[] {
  const names = new Set(keys.map(formatKey));
  const found: TaskEntry[] = [];
  for (const [entry, second] of state.all()) {
    if (entry === undefined || second !== undefined || entry.state === 'ready' || names.has(formatKey(entry.key)))
      continue;
    for (const name of requiredBy(state, entry)) {
      if (!names.has(name)) continue;
      found.push(entry);
      break;
    }
  }
  return found;
}

function waitAgain({ key, path }: TaskEntry): TaskChange {
  const edits = [{ kind: 'set-status' as const, status: 'blocked' }];
  return { key, from: 'ready', to: 'ready', fromPath: path, toPath: path, edits };
}
