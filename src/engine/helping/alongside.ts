import type { NamedClaim } from '../../domain/leases/ended-claims.ts';
import type { RefUpdate } from '../../git/answers/push-outcome.ts';
import { heartbeatRef } from '../../store/leases/heartbeat-names.ts';
import type { Engine, Settled } from '../base/engine.ts';
import type { Group } from '../transaction/group.ts';
import { REQUESTS } from '../transaction/requests.ts';
import type { LookAtTip } from '../transaction/tip.ts';
import { answerRefs, answerStateAt, MAX_ANSWERS } from './answer-ref.ts';
import { isFor, isRubbish, mayBeMeant, parseRequestRef, type Request } from './request-ref.ts';

/** Most intents in one push (DESIGN 5). */
const MAX_HELPED = 500;

/**
 * Limit (bytes) for the total length of the names of the requests in one push, and for the names of the unneeded refs
 * that it deletes. Git's command line holds each name twice, and it is limited to 1 MB on macOS and 2 MB on Linux:
 * thousands of dead requests must not make every push fail.
 */
const MAX_NAMED = 150_000;

/** Most dead refs that one push deletes: each costs the server a lock, and the next push takes the next ones. */
const MOST_SWEPT = 200;

/**
 * Most requests that a look takes in, the oldest first. Anybody who may push can make refs by the hundred thousand, and
 * waiting processes must still get an answer.
 */
const MOST_REQUESTS = 2_000;

/** The requests for this branch in order of arrival; only the oldest if there are very many. */
export function requestsIn(look: LookAtTip, branchRef: string, now: number): readonly Request[] {
  const isOurs = isFor(branchRef);
  const requests: Request[] = [];
  for (const ref of [...look.refs.keys()].filter(mayBeMeant(now)).sort()) {
    const request = parseRequestRef(ref);
    if (request === undefined || !isOurs(request)) continue;
    requests.push(request);
    if (requests.length === MOST_REQUESTS) break;
  }
  return requests;
}

/** The oldest requests whose intents and names fit one push together; at least one. */
export function carriedOutAtOnce(requests: readonly Request[]): readonly Request[] {
  let intents = 0;
  let bytes = 0;
  return requests.filter((request, index) => {
    intents += request.intents?.length ?? 0;
    bytes += request.ref.length;
    return index === 0 || (intents <= MAX_HELPED && bytes <= MAX_NAMED);
  });
}

/** Refs that this push may delete because nobody needs them, and refs that it replaces if it moves the branch. */
export function sweptWith(
  look: LookAtTip,
  branchRef: string,
  now: number,
): { readonly over: readonly string[]; readonly replaced: readonly string[] } {
  const stateOf = answerStateAt({ branchRef, tip: look.tip, at: now });
  const isDead = isRubbish(now);
  const over = named(look, MAX_NAMED, (ref) => (ref.startsWith(REQUESTS) ? isDead(ref) : stateOf(ref) === 'over'));
  return { over, replaced: named(look, MAX_ANSWERS, (ref) => stateOf(ref) === 'counts') };
}

/** The update that deletes the ref as the look has shown it. */
export function deletion({ refs }: LookAtTip, ref: string): RefUpdate {
  return { ref, expected: refs.get(ref), to: undefined };
}

/** Deletions of the heartbeats of these claims, as far as the look has shown them. */
export function heartbeatDeletions(
  look: LookAtTip,
  branchRef: string,
  claims: readonly NamedClaim[],
): readonly RefUpdate[] {
  const refs = claims.map((claim) => heartbeatRef(branchRef, claim)).filter((ref) => look.refs.has(ref));
  return [...new Set(refs)].map((ref) => deletion(look, ref));
}

/** Refs that `isSuch` selects, as many as fit into `limit` bytes of names. */
function named({ refs }: LookAtTip, limit: number, isSuch: (ref: string) => boolean): readonly string[] {
  let bytes = 0;
  const such: string[] = [];
  for (const ref of refs.keys()) {
    if (!isSuch(ref)) continue;
    bytes += ref.length;
    if (bytes > limit || such.length === MOST_SWEPT) break;
    such.push(ref);
  }
  return such;
}

/** Updates that make the answer refs for the requests of others than the group's own. */
export function answerUpdates(
  { store, clock }: Pick<Engine, 'store' | 'clock'>,
  group: Pick<Group, 'pending'>,
  settled: readonly Settled[],
  tip: string,
): readonly RefUpdate[] {
  const own = new Set(group.pending.map(({ intent }) => intent.request));
  const others = settled.filter(({ intent }) => !own.has(intent.request));
  const refs = answerRefs(others, { branchRef: store.branchRef, tip, at: clock.now() });
  return refs.map((ref) => ({ ref, expected: undefined, to: store.marker() }));
}
