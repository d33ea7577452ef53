import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { TakeIntent } from '../intents/intent.ts';
import type { ClaimRecord, TaskEdit } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey } from '../queue/task.ts';
import { changedTask } from '../resolving/changed-task.ts';
import { resolveOwned } from '../resolving/ownership.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';

/**
 * Hands a live claim over: the old one is gone, and a new one stands, in one commit. So nobody else gets the task in
 * between, and whatever the old owner does from now on is refused. A review goes on: only who answers for the work has
 * changed, not what became of it.
 */
export function decideTake(state: QueueState, intent: TakeIntent, now: number): Decision {
  const { agent, from, request } = intent;
  const resolved = resolveOwned(state, { agent: from, task: intent.task });
  if (resolved.kind === 'refused') {
    const { code, message } = resolved.refusal;
    const isOther = code === 'not-owner' || code === 'claim-lost';
    return refused(
      isOther ? { code, message, hint: '--from names who holds the task now: see `agentq show`' } : resolved.refusal,
    );
  }
  const { entry, task } = resolved;
  const at = isoSeconds(now);
  const record: ClaimRecord = { claimedBy: agent, claimedAt: at, lastHeartbeat: at, attempt: 1, claimId: request };
  const { reviewSince, prUrl } = task.claim ?? {};
  const edits: TaskEdit[] = [{ kind: 'remove-claim' }, { kind: 'append-claim', claim: record }];
  if (reviewSince !== undefined) edits.push({ kind: 'set-in-claim', field: 'review_since', value: reviewSince });
  if (prUrl !== undefined) edits.push({ kind: 'set-in-claim', field: 'pr_url', value: prUrl });
  const { settings: pool } = state;
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-TAKE] ${agent} took ${formatKey(entry.key)} from ${from}`,
      trailers: trailersOf(intent, [entry.key]),
      author: agent,
      tasks: [{ key: entry.key, from: 'claimed', to: 'claimed', fromPath: entry.path, toPath: entry.path, edits }],
      files: [],
    },
    outcome: {
      kind: 'claimed',
      ...changedTask(entry),
      ...given({ type: task.type }),
      priority: task.priority,
      claim: record,
      pool: { stalledAfterMs: pool.stalledAfterMs, heartbeat: pool.heartbeat },
    },
  };
}
