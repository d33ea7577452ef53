import type { Refusal } from '../base/failure.ts';
import type { PlannedCommit } from '../queue/edit.ts';
import type { Intent, Outcome } from '../queue/intent.ts';
import { QueueState } from '../queue/queue-state.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';
import type { Ruling } from '../rules/ruling.ts';
import { decideAdd } from './add.ts';
import { decideClaim } from './claim.ts';
import { decideComplete } from './complete.ts';
import { decideHeartbeat, joinHeartbeats } from './heartbeat.ts';
import { decideRelease } from './release.ts';
import { decideReleaseStalled } from './release-stalled.ts';
import { decideUnblock } from './unblock.ts';

/** What was decided for one intent. */
export type Decision =
  /** `commit` is an index into {@link Plan.commits}. */
  | { readonly kind: 'change'; readonly intent: Intent; readonly commit: number; readonly outcome: Outcome }
  | { readonly kind: 'unchanged'; readonly intent: Intent; readonly outcome: Outcome }
  | { readonly kind: 'refused'; readonly intent: Intent; readonly refusal: Refusal };

/** A chain of commits on one tip, and what it means for each intent, in the order in which the intents were given. */
export interface Plan {
  readonly commits: readonly PlannedCommit[];
  readonly decisions: readonly Decision[];
}

/**
 * Decides many intents on one fetched tip: a pure function, so races are table tests and combining is free.
 *
 * Each intent sees what those before it did. Heartbeats are decided first, whatever their place: they touch nothing that
 * another intent of the batch could give them, and that way all of them are one commit. Claims are decided last, in order
 * of arrival among themselves, so that they find what the others of the batch open, give back or add.
 *
 * @param now milliseconds since the epoch
 */
export function decide(snapshot: QueueSnapshot, intents: readonly Intent[], now: number): Plan {
  const state = new QueueState(snapshot);
  const heartbeats: PlannedCommit[] = [];
  const commits: PlannedCommit[] = [];
  const rulings = new Map<Intent, { ruling: Ruling; commit: number }>();

  const settle = (intent: Intent, ruling: Ruling, into: PlannedCommit[]): void => {
    if (ruling.kind === 'commit') {
      for (const change of ruling.commit.tasks) state.apply(change);
      for (const { entry } of ruling.commit.created ?? []) state.insert(entry);
      into.push(ruling.commit);
    } else if (ruling.kind === 'unchanged' && ruling.outcome.kind === 'renewed') {
      state.noteRenewal(ruling.outcome.key, now);
    }
    rulings.set(intent, { ruling, commit: into.length - 1 });
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
    decisions: intents.map((intent) => toDecision(intent, rulings.get(intent), offset)),
  };
}

function decideOne(state: QueueState, intent: Exclude<Intent, { kind: 'heartbeat' | 'claim' }>, now: number): Ruling {
  switch (intent.kind) {
    case 'release':
      return decideRelease(state, intent);
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

function toDecision(intent: Intent, settled: { ruling: Ruling; commit: number } | undefined, offset: number): Decision {
  if (!settled) throw new Error(`intent ${intent.request} was not decided`);
  const { ruling, commit } = settled;
  switch (ruling.kind) {
    case 'commit':
      return {
        kind: 'change',
        intent,
        commit: intent.kind === 'heartbeat' ? 0 : commit + offset,
        outcome: ruling.outcome,
      };
    case 'unchanged':
      return { kind: 'unchanged', intent, outcome: ruling.outcome };
    case 'refused':
      return { kind: 'refused', intent, refusal: ruling.refusal };
  }
}
