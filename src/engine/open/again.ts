import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { decide } from '../../domain/deciding/decide.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import { valuesOf } from '../../domain/past/activity.ts';
import { TRAILER } from '../../domain/rules/decision.ts';
import type { CarriedOutRequest } from '../../store/queue-store.ts';
import type { Engine } from '../base/engine.ts';
import { failureOf } from '../base/refusal.ts';
import type { Submitted } from '../queue/submitted.ts';
import { carriedOutSince, outcomeOf } from '../transaction/recall.ts';
import { scopeOf } from '../transaction/scope.ts';
import { lookAtTip, readSnapshot } from '../transaction/tip.ts';

/** What became of an intent that is submitted again. */
export type Again =
  | { readonly kind: 'carried-out'; readonly submitted: Submitted }
  /** It was not carried out when the branch was at this tip. */
  | { readonly kind: 'not-found'; readonly tip: string };

/** How the subject of a commit begins that carries out each kind of intent. */
const SUBJECTS: Readonly<Record<Intent['kind'], RegExp>> = {
  claim: /^\[AGENT-CLAIM\] /,
  heartbeat: /^\[AGENT-HEARTBEAT\] /,
  complete: /^\[AGENT-COMPLETE\] /,
  review: /^\[AGENT-REVIEW\] /,
  release: /^\[AGENT-RELEASE\] /,
  take: /^\[AGENT-TAKE\] /,
  ask: /^\[AGENT-ASK\] /,
  answer: /^\[AGENT-ANSWER\] /,
  note: /^\[AGENT-NOTE\] /,
  edit: /^\[AGENT-EDIT\] /,
  cancel: /^\[AGENT-CANCEL\] /,
  reopen: /^\[AGENT-REOPEN\] /,
  block: /^\[AGENT-BLOCK\] /,
  pause: /^\[AGENT-PAUSE\] /,
  resume: /^\[AGENT-RESUME\] /,
  unblock: /^\[ORCHESTRATOR\] Unblocked /,
  'release-stalled': /^\[ORCHESTRATOR\] Released /,
  add: /^\[ORCHESTRATOR\] (Added?|Updated) /,
};

/**
 * What became of an intent of which only the request is known, as the caller was told when the answer was lost. The
 * whole history of the branch is searched.
 * @throws Failure `usage` if the request belongs to another intent; `claim-lost` if the claim was lost since
 */
export async function askAgain(engine: Engine, intent: Intent): Promise<Again> {
  const startedAt = engine.clock.now();
  const { tip } = await lookAtTip(engine);
  const { request } = intent;
  const found = (await carriedOutSince(engine, tip, 'the beginning', [request])).get(request);
  engine.onEvent({ kind: 'resolved', request, verdict: found ? 'landed' : 'not-landed' });
  if (!found) return { kind: 'not-found', tip };
  await expectSame(engine, intent, found);
  const outcome = await outcomeOf(engine, intent, found);
  if (outcome.kind === 'claimed') await expectHeld(engine, tip, outcome, found);
  const effort = { attempts: 1, rejectedPushes: 0, backoffBaseMs: 0 };
  const elapsedMs = engine.clock.now() - startedAt;
  return { kind: 'carried-out', submitted: { outcome, commit: found.commit, base: undefined, ...effort, elapsedMs } };
}

/** @throws Failure `usage` unless the request belongs to the same kind of intent, by the same agent */
async function expectSame(
  engine: Engine,
  { kind, agent, request }: Intent,
  { commit }: CarriedOutRequest,
): Promise<void> {
  for await (const facts of engine.store.history(commit, 1)) {
    if (SUBJECTS[kind].test(facts.subject) && valuesOf(facts, TRAILER.agent).includes(agent)) return;
    throw new Failure('usage', `request ${request} belongs to something else: ${facts.subject}`, {
      hint: `see commit ${commit}`,
    });
  }
}

/** The caller is going to work on its claim. @throws Failure `claim-lost` if it does not hold the claim any more */
async function expectHeld(
  engine: Engine,
  tip: string,
  { key, claim }: Extract<Outcome, { kind: 'claimed' }>,
  { commit }: CarriedOutRequest,
): Promise<void> {
  const now = engine.clock.now();
  const beat: Intent = {
    kind: 'heartbeat',
    request: claim.claimId,
    agent: claim.claimedBy,
    task: key,
    claimId: claim.claimId,
  };
  const [decision] = decide(await readSnapshot(engine, tip, scopeOf([beat], now)), [beat], now).decisions;
  if (decision?.kind !== 'refused') return;
  const { code, message, hint } = failureOf(decision.refusal);
  const what = `request ${claim.claimId} was carried out by commit ${commit.slice(0, 10)}, and has ended: ${message}`;
  throw new Failure(code, what, given({ hint }));
}
