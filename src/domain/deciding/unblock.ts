import type { UnblockIntent } from '../intents/intent.ts';
import type { UnblockedOutcome } from '../intents/outcome.ts';
import type { CommitDraft, TaskChange, TaskEdit } from '../queue/edit.ts';
import { openQuestion } from '../queue/question.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { NO_FAILURES, type TaskEntry } from '../queue/snapshot.ts';
import { formatKey } from '../queue/task.ts';
import { changedTask, inListOrder } from '../resolving/changed-task.ts';
import { resolveReadable, resolveReference } from '../resolving/reference.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';
import { ledgersAfter } from '../rules/ledger.ts';
import { openChange, ReadinessJudge } from '../rules/readiness.ts';
import { unknownProject } from '../rules/unknown-names.ts';

/**
 * Makes every task ready that no longer waits for anything, all in one commit. A task that a person blocked, or that
 * stalled or failed too often, is freed only if it is named.
 */
export function decideUnblock(state: QueueState, intent: UnblockIntent): Decision {
  if (intent.task !== undefined) return decideFree(state, intent, intent.task);
  const noProject = unknownProject(intent.project, state.projectNames);
  if (noProject) return refused(noProject);
  const { project } = intent;
  const concerns = ({ key }: TaskEntry): boolean => project === undefined || key.project === project;
  const due = inListOrder(new ReadinessJudge(state).due(concerns));
  if (due.length === 0) return { kind: 'unchanged', outcome: { kind: 'unblocked', tasks: [] } };
  return decision(due, commitOf(state, intent, due, due.map(openChange)));
}

/** Frees one task, whatever blocks it, and its stalls and failures are forgotten. Its dependencies do not change. */
function decideFree(state: QueueState, intent: UnblockIntent, reference: NonNullable<UnblockIntent['task']>): Decision {
  const found = resolveReference(state, reference);
  if (found.kind === 'refused') return refused(found.refusal);
  const { entry } = found;
  // Claimed or completed: it is not blocked, which is what the caller wants.
  if (entry.state !== 'ready') return { kind: 'unchanged', outcome: { kind: 'unblocked', tasks: [] } };
  const resolved = resolveReadable(entry);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { status, blockedReason } = resolved.task;
  if (openQuestion(resolved.task) !== undefined) {
    const name = formatKey(entry.key);
    const message = `${name} waits for an answer, and is not blocked`;
    return refused({ code: 'task-invalid', message, hint: `\`agentq answer ${name} "<text>"\` makes it ready` });
  }
  const edits: TaskEdit[] = [
    ...(status === 'ready' ? [] : [{ kind: 'set-status' as const, status: 'ready' }]),
    ...(blockedReason === undefined ? [] : [{ kind: 'set-blocked-reason' as const, reason: undefined }]),
  ];
  if (edits.length === 0 && state.stalls(entry.key) === 0 && state.failures(entry.key).count === 0) {
    return { kind: 'unchanged', outcome: { kind: 'unblocked', tasks: [], ...waitsOf(state, entry) } };
  }
  const change: TaskChange = { ...openChange(entry), edits, stalls: 0, failures: NO_FAILURES };
  const freed = decision([entry], commitOf(state, intent, [entry], [change]));
  return { ...freed, outcome: { ...freed.outcome, ...waitsOf(state, entry) } };
}

/** Freed or not, a task that requires another stays where it is until that one is complete. */
function waitsOf(state: QueueState, entry: TaskEntry): Pick<UnblockedOutcome, 'waits'> {
  const missing = state.missing(entry);
  return missing.length === 0 ? {} : { waits: { key: entry.key, for: missing } };
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
