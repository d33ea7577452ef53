import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { CompleteIntent } from '../intents/intent.ts';
import type { CompletedOutcome } from '../intents/outcome.ts';
import { isInReview } from '../leases/staleness.ts';
import { parseHold } from '../queue/batches.ts';
import { isSameKey, requiredKey } from '../queue/dependency-entry.ts';
import type { TaskChange } from '../queue/edit.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import { NO_FAILURES, type TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type Task } from '../queue/task.ts';
import { changedTask, inListOrder } from '../resolving/changed-task.ts';
import { resolveOwned } from '../resolving/ownership.ts';
import { type ReadEntry, resolveReadable, resolveReference } from '../resolving/reference.ts';
import { bodyOf, type Decision, eachTask, refused, reportTrailers, TRAILER, trailersOf } from '../rules/decision.ts';
import { ledgersAfter } from '../rules/ledger.ts';
import { openChange, ReadinessJudge } from '../rules/readiness.ts';
import { stillInReview } from './review.ts';

/**
 * Completes the owner's task and, in the same commit, unblocks the tasks that waited for it alone. If its owner has
 * completed it already, that is a success that changes nothing: an agent that lost the first answer asks again.
 */
export function decideComplete(state: QueueState, intent: CompleteIntent, now: number): Decision {
  const found = resolveReference(state, intent.task);
  if (found.kind === 'found' && found.entry.state === 'completed') return completedBefore(found.entry, intent);
  const resolved = resolveOwned(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  if (intent.inReview === 'leave' && isInReview(entry)) return stillInReview(resolved);

  const at = isoSeconds(now);
  const prUrl = given({ prUrl: intent.prUrl ?? task.claim?.prUrl });
  const change: TaskChange = {
    key: entry.key,
    from: 'claimed',
    to: 'completed',
    fromPath: entry.path,
    toPath: pathIn(entry, 'completed'),
    edits: [{ kind: 'append-completion', completion: { completedAt: at, completedBy: intent.agent, ...prUrl } }],
    stalls: 0,
    ...(state.failures(entry.key).count === 0 ? {} : { failures: NO_FAILURES }),
  };
  const opened = inListOrder(openedBy(state, change, entry, task));
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-COMPLETE] ${intent.agent} completed ${formatKey(entry.key)}`,
      ...bodyOf(intent.report?.summary),
      trailers: [
        ...trailersOf(intent, [entry.key]),
        ...reportTrailers(intent.report),
        ...eachTask(TRAILER.unblocked, opened),
      ],
      author: intent.agent,
      tasks: [change, ...opened.map(openChange)],
      files: ledgersAfter(state, [change]),
    },
    outcome: {
      kind: 'completed',
      ...changedTask(entry, change.toPath),
      ...given({ claimId: task.claim?.claimId }),
      ...prUrl,
      completedAt: at,
      unblocked: opened.map((waiting) => changedTask(waiting)),
    },
  };
}

/**
 * Tasks that become due by this completion, of any project; only those of its own project can wait for its batch. Tasks
 * that were due before are left to `unblock`, which says so in its own commit.
 */
function openedBy(state: QueueState, change: TaskChange, done: TaskEntry, task: Task): TaskEntry[] {
  return new ReadinessJudge(state, [change]).due((entry) => {
    const { project } = entry.key;
    const required = state.requirements(entry);
    const isRequired = required.some(({ id }) => id !== undefined && isSameKey(requiredKey(id, project), done.key));
    if (isRequired || project !== done.key.project || entry.reading.kind !== 'read') return isRequired;
    const { holdUntil } = entry.reading.task;
    const hold = holdUntil === undefined ? undefined : parseHold(holdUntil);
    return hold?.kind === 'hold' && hold.hold.batch === task.batch;
  });
}

function completedBefore(entry: TaskEntry, intent: CompleteIntent): Decision {
  const resolved = resolveReadable(entry);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const problem = notCompletedBy(resolved, intent);
  if (problem !== undefined) {
    const message = `${formatKey(entry.key)} is completed already, ${problem}: ${entry.path}`;
    return refused({ code: 'claim-lost', message, hint: 'there is nothing left to do on it' });
  }
  const { claim, completion } = resolved.task;
  const outcome: CompletedOutcome = {
    kind: 'completed',
    ...changedTask(entry),
    ...given({ claimId: claim?.claimId, prUrl: completion?.prUrl, completedAt: completion?.completedAt }),
    unblocked: [],
  };
  return { kind: 'unchanged', outcome };
}

/** Older scripts move the file without a completion block; then the claim tells who completed it. */
function notCompletedBy({ task }: ReadEntry, intent: CompleteIntent): string | undefined {
  const by = task.completion?.completedBy ?? task.claim?.claimedBy;
  if (by !== intent.agent) return `by ${by ?? 'nobody that its file names'}, not by ${intent.agent}`;
  if (intent.claimId === undefined || task.claim?.claimId === intent.claimId) return undefined;
  return `by another claim of ${intent.agent} than ${intent.claimId}`;
}
