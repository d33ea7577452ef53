import type { Refusal } from '../base/failure.ts';
import { concernsOthers } from '../branches/other-branch.ts';
import { decideAnswer, decideAsk } from '../changing/ask.ts';
import { decideBlock } from '../changing/block.ts';
import { decideCancel } from '../changing/cancel.ts';
import { decideEdit } from '../changing/edit.ts';
import { decideNote } from '../changing/note.ts';
import { decidePause, decideResume } from '../changing/pause.ts';
import { decideReopen } from '../changing/reopen.ts';
import { decideRewrite } from '../changing/rewrite.ts';
import { decideTake } from '../changing/take.ts';
import type { Intent } from '../intents/intent.ts';
import type { Outcome } from '../intents/outcome.ts';
import { PAUSES_FILE, parsePauses } from '../pausing/pauses.ts';
import type { CommitDraft } from '../queue/edit.ts';
import { QueueState } from '../queue/queue-state.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';
import type { TaskKey } from '../queue/task.ts';
import { ClaimRoom } from '../rules/claim-room.ts';
import { type Decision, refused } from '../rules/decision.ts';
import { withViews } from '../rules/task-view.ts';
import { decideAdd } from './add.ts';
import { decideClaim } from './claim.ts';
import { decideComplete } from './complete.ts';
import { decideHeartbeat, joinHeartbeats } from './heartbeat.ts';
import { Openings } from './openings.ts';
import { decideRelease } from './release.ts';
import { decideReleaseStalled } from './release-stalled.ts';
import { decideReview } from './review.ts';
import { StalledClaims } from './stalled-claims.ts';
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
  /** Present if a claim may want what only looks stalled: decide again on a snapshot with witnesses. */
  readonly needs?: 'witnesses';
}

/**
 * Decides many intents on one fetched tip: a pure function, so races are table tests and combining is free.
 *
 * Each intent sees what those before it did. Heartbeats are decided first, wherever they are in the list: they need
 * nothing from the other intents of the group, and this way all of them are one commit. Claims are decided last, in
 * their order of arrival, so that they find what the other intents of the group unblock, release or add. What they take
 * from silent agents, and what they take although its status does not say yet that it is open, is given back and opened
 * in commits in front of theirs.
 *
 * @param now milliseconds since the epoch
 */
export function decide(snapshot: QueueSnapshot, intents: readonly Intent[], now: number): Decided {
  const state = new QueueState(snapshot);
  const heartbeats: CommitDraft[] = [];
  const others: CommitDraft[] = [];
  const claims: CommitDraft[] = [];
  const decided = new Map<Intent, Settled>();

  const settle = (intent: Intent, decision: Decision, into: CommitDraft[]): void => {
    if (decision.kind === 'commit') {
      for (const change of decision.commit.tasks) state.apply(change);
      for (const { entry } of decision.commit.created ?? []) state.insert(entry);
      for (const { path, content } of decision.commit.files) {
        if (path === PAUSES_FILE) state.pauses = parsePauses(content ?? '');
      }
      into.push(decision.commit);
    } else if (decision.kind === 'unchanged' && decision.outcome.kind === 'renewed') {
      state.noteRenewal(decision.outcome.key, now);
    }
    const told = decision.kind === 'refused' ? decision : { ...decision, outcome: withViews(decision.outcome, state) };
    decided.set(intent, { decision: told, into, at: into.length - 1 });
  };

  const here: Intent[] = [];
  for (const intent of intents) {
    const elsewhere = concernsOthers(state, intent);
    if (elsewhere === undefined) here.push(intent);
    else settle(intent, refused(elsewhere), others);
  }
  for (const intent of here) {
    if (intent.kind === 'heartbeat') settle(intent, decideHeartbeat(state, intent, now), heartbeats);
  }
  for (const intent of here) {
    if (intent.kind !== 'heartbeat' && intent.kind !== 'claim') settle(intent, decideOne(state, intent, now), others);
  }
  const openings = state.isSplit && here.some(({ kind }) => kind === 'claim') ? new Openings(state) : undefined;
  const claimed: TaskKey[] = [];
  const room = new ClaimRoom(state);
  const stalled = new StalledClaims(state, room, now);
  for (const intent of here) {
    if (intent.kind !== 'claim') continue;
    const decision = decideClaim(state, intent, now, { stalled, room });
    settle(intent, decision, claims);
    if (decision.kind !== 'commit') continue;
    for (const { key } of decision.commit.tasks) {
      claimed.push(key);
      for (const entry of state.entriesNow(key)) room.add(entry);
    }
  }

  const beats = heartbeats.length === 0 ? [] : [joinHeartbeats(heartbeats)];
  const takenBack = stalled.commit();
  const opened = openings?.commit(claimed, here.find(({ kind }) => kind === 'claim')?.request ?? '');
  const first = [...beats, ...others, ...[opened, takenBack].flatMap((commit) => commit ?? [])];
  const placeOf = ({ into, at }: Settled): number =>
    into === heartbeats ? 0 : at + (into === others ? beats.length : first.length);
  return {
    commits: [...first, ...claims],
    decisions: intents.map((intent) => toDecision(intent, decided.get(intent), placeOf)),
    ...(stalled.needsWitnesses ? { needs: 'witnesses' as const } : {}),
  };
}

/** A decision, and its commit's place in one of the lists of commits. */
interface Settled {
  readonly decision: Decision;
  readonly into: readonly CommitDraft[];
  readonly at: number;
}

function decideOne(state: QueueState, intent: Exclude<Intent, { kind: 'heartbeat' | 'claim' }>, now: number): Decision {
  switch (intent.kind) {
    case 'release':
      return decideRelease(state, intent, now);
    case 'add':
      return decideAdd(state, intent, now);
    case 'complete':
      return decideComplete(state, intent, now);
    case 'review':
      return decideReview(state, intent, now);
    case 'take':
      return decideTake(state, intent, now);
    case 'ask':
      return decideAsk(state, intent, now);
    case 'answer':
      return decideAnswer(state, intent, now);
    case 'edit':
      return intent.text === undefined ? decideEdit(state, intent) : decideRewrite(state, intent, intent.text);
    case 'cancel':
      return decideCancel(state, intent, now);
    case 'reopen':
      return decideReopen(state, intent);
    case 'block':
      return decideBlock(state, intent);
    case 'pause':
      return decidePause(state, intent, now);
    case 'resume':
      return decideResume(state, intent);
    case 'note':
      return decideNote(state, intent, now);
    case 'unblock':
      return decideUnblock(state, intent);
    case 'release-stalled':
      return decideReleaseStalled(state, intent, now);
  }
}

function toDecision(
  intent: Intent,
  settled: Settled | undefined,
  placeOf: (settled: Settled) => number,
): DecidedIntent {
  if (!settled) throw new Error(`intent ${intent.request} was not decided`);
  const { decision } = settled;
  switch (decision.kind) {
    case 'commit':
      return { kind: 'change', intent, commit: placeOf(settled), outcome: decision.outcome };
    case 'unchanged':
      return { kind: 'unchanged', intent, outcome: decision.outcome };
    case 'refused':
      return { kind: 'refused', intent, refusal: decision.refusal };
  }
}
