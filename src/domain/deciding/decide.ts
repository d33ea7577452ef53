import type { Refusal } from '../base/failure.ts';
import type { CommitDraft } from '../queue/edit.ts';
import type { Intent, Outcome } from '../queue/intent.ts';
import { QueueState } from '../queue/queue-state.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';
import type { Decision } from '../rules/decision.ts';
import { withViews } from '../rules/task-view.ts';
import { decideAdd } from './add.ts';
import { decideClaim } from './claim.ts';
import { decideComplete } from './complete.ts';
import { decideHeartbeat, joinHeartbeats } from './heartbeat.ts';
import { decideRelease } from './release.ts';
import { decideReleaseStalled } from './release-stalled.ts';
import { decideUnblock } from './unblock.ts';

/** What was decided for one intent. */
export type DecidedIntent =
  /** `commit` is an index into {@link Decided.commits}. */
  | { readonly kind: 'change'; readonly intent: Intent; readonly commit: number; readonly outcome: Outcome }
  | { readonly kind: 'unchanged'; readonly intent: Intent; readonly outcome: Outcome }
  | { readonly kind: 'refused'; readonly intent: Intent; readonly refusal: Refusal };

/** A chain of commits on one tip, and what it means for each intent, in the order in which the intents were given. */
export interface Decided {
  readonly commits: readonly CommitDraft[];
  readonly decisions: readonly DecidedIntent[];
}

/**
 * Decides many intents on one fetched tip: a pure function, so races are table tests and combining is free.
 *
 * Each intent sees what those before it did. Heartbeats are decided first, wherever they are in the list: they need
 * nothing from the other intents of the group, and this way all of them are one commit. Claims are decided last, in
 * their order of arrival, so that they find what the other intents of the group unblock, release or add.
 *
 * @param now milliseconds since the epoch
 */
export function decide(snapshot: QueueSnapshot, intents: readonly Intent[], now: number): Decided {
  const state = new QueueState(snapshot);
  const heartbeats: CommitDraft[] = [];
  const commits: CommitDraft[] = [];
  const decided = new Map<Intent, { decision: Decision; commit: number }>();

  const settle = (intent: Intent, decision: Decision, into: CommitDraft[]): void => {
    if (decision.kind === 'commit') {
      for (const change of decision.commit.tasks) state.apply(change);
      for (const { entry } of decision.commit.created ?? []) state.insert(entry);
      into.push(decision.commit);
    } else if (decision.kind === 'unchanged' && decision.outcome.kind === 'renewed') {
      state.noteRenewal(decision.outcome.key, now);
    }
    const told = decision.kind === 'refused' ? decision : { ...decision, outcome: withViews(decision.outcome, state) };
    decided.set(intent, { decision: told, commit: into.length - 1 });
  };

  for (const intent of intents) {
    if (intent.kind === 'heartbeat') settle(intent, decideHeartbeat(state, intent, now), heartbeats);
  }
  for (const intent of intents) {
    if (intent.kind !== 'heartbeat' && intent.kind !== 'claim') settle(intent, decideOne(state, intent, now), commits);
  }
  for (const intent of intents) {
    if (intent.kind === 'claim') settle(intent, decideClaim(state, intent, now), commits);
  }

  const offset = heartbeats.length > 0 ? 1 : 0;
  return {
    commits: offset === 0 ? commits : [joinHeartbeats(heartbeats), ...commits],
    decisions: intents.map((intent) => toDecision(intent, decided.get(intent), offset)),
  };
}

function decideOne(state: QueueState, intent: Exclude<Intent, { kind: 'heartbeat' | 'claim' }>, now: number): Decision {
  switch (intent.kind) {
    case 'release':
      return decideRelease(state, intent, now);
    case 'add':
      return decideAdd(state, intent, now);
    case 'complete':
      return decideComplete(state, intent, now);
    case 'unblock':
      return decideUnblock(state, intent);
    case 'release-stalled':
      return decideReleaseStalled(state, intent, now);
  }
}

function toDecision(
  intent: Intent,
  settled: { decision: Decision; commit: number } | undefined,
  offset: number,
): DecidedIntent {
  if (!settled) throw new Error(`intent ${intent.request} was not decided`);
  const { decision, commit } = settled;
  switch (decision.kind) {
    case 'commit':
      return {
        kind: 'change',
        intent,
        commit: intent.kind === 'heartbeat' ? 0 : commit + offset,
        outcome: decision.outcome,
      };
    case 'unchanged':
      return { kind: 'unchanged', intent, outcome: decision.outcome };
    case 'refused':
      return { kind: 'refused', intent, refusal: decision.refusal };
  }
}
