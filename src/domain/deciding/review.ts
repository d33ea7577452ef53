import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { ReviewIntent } from '../intents/intent.ts';
import type { ReviewedOutcome } from '../intents/outcome.ts';
import type { TaskEdit } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey } from '../queue/task.ts';
import { changedTask } from '../resolving/changed-task.ts';
import { resolveOwned } from '../resolving/ownership.ts';
import type { ReadEntry } from '../resolving/reference.ts';
import { bodyOf, type Decision, refused, reportTrailers, trailersOf } from '../rules/decision.ts';

/**
 * Notes that the owner's work is done and waits to be merged. The task stays claimed, so that nobody is offered it and
 * what requires it waits; `complete` ends it. The same review again changes nothing; another pull request starts a new
 * one.
 *
 * The lines are in the claim block: whoever gives the task back, also an older script or version, takes them away with
 * it.
 */
export function decideReview(state: QueueState, intent: ReviewIntent, now: number): Decision {
  const resolved = resolveOwned(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  const { reviewSince, prUrl: before } = task.claim ?? {};
  const prUrl = intent.prUrl ?? before;
  if (reviewSince !== undefined && prUrl === before) return stillInReview(resolved);
  const at = isoSeconds(now);
  const edits: TaskEdit[] = [
    // A sign of life, from which the time for the review counts: what is known of the clocks behind it counts too.
    { kind: 'set-heartbeat', at },
    { kind: 'set-in-claim', field: 'review_since', value: at },
    ...(prUrl === undefined || prUrl === before
      ? []
      : [{ kind: 'set-in-claim', field: 'pr_url', value: prUrl } as const]),
  ];
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-REVIEW] ${intent.agent} finished ${formatKey(entry.key)}`,
      ...bodyOf(prUrl === undefined ? undefined : `Pull request: ${prUrl}`, intent.report?.summary),
      trailers: [...trailersOf(intent, [entry.key]), ...reportTrailers(intent.report)],
      author: intent.agent,
      tasks: [{ key: entry.key, from: 'claimed', to: 'claimed', fromPath: entry.path, toPath: entry.path, edits }],
      files: [],
    },
    outcome: reviewed(resolved, { since: at, ...given({ prUrl }) }),
  };
}

/** The answer that a task is in review already. */
export function stillInReview(found: ReadEntry): Decision {
  const { reviewSince: since = '', prUrl } = found.task.claim ?? {};
  return { kind: 'unchanged', outcome: reviewed(found, { since, ...given({ prUrl }) }) };
}

function reviewed({ entry, task }: ReadEntry, review: Pick<ReviewedOutcome, 'since' | 'prUrl'>): ReviewedOutcome {
  return { kind: 'reviewed', ...changedTask(entry), ...given({ claimId: task.claim?.claimId }), ...review };
}
