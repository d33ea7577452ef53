import type { Refusal } from '../base/failure.ts';
import { given } from '../base/given.ts';
import type { TaskReference, UnblockIntent } from '../intents/intent.ts';
import type { UnblockedOutcome } from '../intents/outcome.ts';
import type { CommitDraft, TaskChange, TaskEdit } from '../queue/edit.ts';
import { openQuestion } from '../queue/question.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { NO_FAILURES, type TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isCancelled } from '../queue/task.ts';
import { changedTask, inListOrder } from '../resolving/changed-task.ts';
import { type ReadEntry, resolveReference } from '../resolving/reference.ts';
import { type NamedTasks, type ResolvedTasks, resolveSeveral } from '../resolving/several.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';
import { ledgersAfter } from '../rules/ledger.ts';
import { openChange, ReadinessJudge } from '../rules/readiness.ts';
import { unknownProject } from '../rules/unknown-names.ts';

/**
 * Makes every task ready that no longer waits for anything, all in one commit. A task that a person blocked, or that
 * stalled or failed too often, is freed only if it is named; a cancelled one is not.
 */
export function decideUnblock(state: QueueState, intent: UnblockIntent): Decision {
  if (intent.task !== undefined) return decideFree(state, { ...intent, task: intent.task });
  const noProject = unknownProject(intent.project, state.projectNames);
  if (noProject) return refused(noProject);
  const { project } = intent;
  const concerns = ({ key }: TaskEntry): boolean => project === undefined || key.project === project;
  const due = inListOrder(new ReadinessJudge(state).due(concerns));
  if (due.length === 0) return { kind: 'unchanged', outcome: { kind: 'unblocked', tasks: [] } };
  return decision(due, commitOf(state, intent, due, due.map(openChange)));
}

/** Frees the tasks, whatever blocks them, and their stalls and failures are forgotten. Their dependencies do not change. */
function decideFree(state: QueueState, intent: UnblockIntent & NamedTasks): Decision {
  const resolved = resolveBlocked(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entries } = resolved;
  const changes = entries.flatMap((one) => freeing(state, one));
  const [first, ...others] = entries.flatMap(({ entry }) => waitsOf(state, entry));
  const waits = { ...given({ waits: first }), ...(others.length === 0 ? {} : { waitToo: others }) };
  if (changes.length === 0) return { kind: 'unchanged', outcome: { kind: 'unblocked', tasks: [], ...waits } };
  const names = new Set(changes.map(({ key }) => formatKey(key)));
  const freed = entries.map(({ entry }) => entry).filter(({ key }) => names.has(formatKey(key)));
  const decided = decision(freed, commitOf(state, intent, freed, changes));
  return { ...decided, outcome: { ...decided.outcome, ...waits } };
}

/** Those of the tasks that are in the ready folder: what is claimed or completed is not blocked, as the caller wants it. */
function resolveBlocked(state: QueueState, { task, more = [] }: NamedTasks): ResolvedTasks {
  const inQueue: TaskReference[] = [];
  for (const reference of [task, ...more]) {
    const found = resolveReference(state, reference);
    if (found.kind === 'refused') return found;
    if (found.entry.state === 'ready') inQueue.push(reference);
  }
  const [first, ...others] = inQueue;
  if (first === undefined) return { kind: 'found', entries: [] };
  const resolved = resolveSeveral(state, { task: first, more: others }, 'unblock');
  const problem = resolved.kind === 'found' ? resolved.entries.flatMap((one) => notFreed(one) ?? [])[0] : undefined;
  return problem === undefined ? resolved : { kind: 'refused', refusal: problem };
}

function notFreed({ entry, task }: ReadEntry): Refusal | undefined {
  const name = formatKey(entry.key);
  if (openQuestion(task) !== undefined) {
    const message = `${name} waits for an answer, and is not blocked`;
    return { code: 'task-invalid', message, hint: `\`agentq answer ${name} "<text>"\` makes it ready` };
  }
  if (!isCancelled(task)) return undefined;
  const message = `${name} is cancelled, which is more than blocked`;
  return { code: 'task-invalid', message, hint: `\`agentq reopen ${name}\` if it is to be done after all` };
}

function freeing(state: QueueState, { entry, task }: ReadEntry): TaskChange[] {
  const edits: TaskEdit[] = [
    ...(task.status === 'ready' ? [] : [{ kind: 'set-status' as const, status: 'ready' }]),
    ...(task.blockedReason === undefined ? [] : [{ kind: 'set-blocked-reason' as const, reason: undefined }]),
  ];
  const isCounted = state.stalls(entry.key) > 0 || state.failures(entry.key).count > 0;
  if (edits.length === 0 && !isCounted) return [];
  return [{ ...openChange(entry), edits, stalls: 0, failures: NO_FAILURES }];
}

/** Freed or not, a task that requires another stays where it is until that one is complete. */
function waitsOf(state: QueueState, entry: TaskEntry): NonNullable<UnblockedOutcome['waits']>[] {
  const missing = state.missing(entry);
  return missing.length === 0 ? [] : [{ key: entry.key, for: missing }];
}

type UnblockDecision = { readonly kind: 'commit'; readonly commit: CommitDraft; readonly outcome: UnblockedOutcome };

function commitOf(
  state: QueueState,
  intent: UnblockIntent,
  entries: readonly TaskEntry[],
  tasks: readonly TaskChange[],
): CommitDraft {
  const keys = entries.map(({ key }) => key);
  return {
    subject: `[ORCHESTRATOR] Unblocked ${keys.length} tasks`,
    trailers: trailersOf(intent, keys),
    author: intent.agent,
    tasks,
    files: ledgersAfter(state, tasks),
  };
}

function decision(entries: readonly TaskEntry[], commit: CommitDraft): UnblockDecision {
  return { kind: 'commit', commit, outcome: { kind: 'unblocked', tasks: entries.map((entry) => changedTask(entry)) } };
}
