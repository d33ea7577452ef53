import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import { contentOf } from '../changing/content.ts';
import type { HeartbeatIntent } from '../intents/intent.ts';
import type { CommitDraft, TaskChange } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { resolveOwned } from '../resolving/ownership.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';

/**
 * Renews the lease: only the `last_heartbeat` line changes. A second heartbeat within the same second changes nothing.
 * In a pool that renews by refs, this only has to find on the branch that the claim stands.
 */
export function decideHeartbeat(state: QueueState, intent: HeartbeatIntent, now: number): Decision {
  const resolved = resolveOwned(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  const at = isoSeconds(now);
  const outcome = {
    kind: 'renewed' as const,
    key: entry.key,
    ...given({ title: task.title }),
    path: entry.path,
    at,
    ...given({ claimId: task.claim?.claimId }),
    content: contentOf(task),
    pool: { stalledAfterMs: state.settings.stalledAfterMs, heartbeat: state.settings.heartbeat },
  };
  if (state.settings.heartbeat === 'ref' && intent.as === undefined) {
    return { kind: 'unchanged', outcome: { ...outcome, by: 'ref' } };
  }
  if (task.claim?.lastHeartbeat === at) return { kind: 'unchanged', outcome };
  const change: TaskChange = {
    key: entry.key,
    from: 'claimed',
    to: 'claimed',
    fromPath: entry.path,
    toPath: entry.path,
    edits: [{ kind: 'set-heartbeat', at }],
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-HEARTBEAT] ${intent.agent} working on ${entry.key.id}`,
      trailers: trailersOf(intent, [entry.key]),
      author: intent.agent,
      tasks: [change],
      files: [],
    },
    outcome,
  };
}

/** Many heartbeats as one commit, with one set of trailers each: a pool's renewals must not drown the history. */
export function joinHeartbeats(commits: readonly CommitDraft[]): CommitDraft {
  const [only, second] = commits;
  if (only && !second) return only;
  return {
    subject: `[AGENT-HEARTBEAT] ${commits.length} agents working`,
    trailers: commits.flatMap((commit) => commit.trailers),
    author: 'agentq',
    tasks: commits.flatMap((commit) => commit.tasks),
    files: [],
  };
}
