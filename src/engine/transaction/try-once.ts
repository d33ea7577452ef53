import { given } from '../../domain/base/given.ts';
import type { DecidedIntent } from '../../domain/deciding/decide.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import { endedClaims, type NamedClaim } from '../../domain/leases/ended-claims.ts';
import type { QueueSnapshot } from '../../domain/queue/snapshot.ts';
import { isLostRace, type PushOutcome, type RefUpdate, wasNotSent } from '../../git/answers/push-outcome.ts';
import type { Turn } from '../../git/upstream/upstream.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import type { Engine, Settled } from '../base/engine.ts';
import { RetryableFailure } from '../base/retryable.ts';
import { type Built, decideAndBuild } from './decide-and-build.ts';
import type { Group } from './group.ts';
import { HELP_REFS, REQUESTS } from './requests.ts';
import { covers, scopeOf, withWitnesses } from './scope.ts';
import { lookAtTip, readSnapshot } from './tip.ts';

/** What one push carries besides the group's own intents. */
export interface Alongside {
  /** Published intents, including our own, in order of arrival. Unpublished intents come after them. */
  readonly helped: readonly Intent[];
  /** Refs of requests that this push carries out or refuses, and unneeded refs: deleted with it, each leased. */
  readonly deletions: readonly RefUpdate[];
  /** Refs that are deleted, each leased, if this push moves the branch: they are outdated then. */
  readonly replaced: readonly RefUpdate[];
  /** Refs that answer the owners of requests, pushed with it: `tip` is the commit to which the branch moves. */
  answers(settled: readonly Settled[], tip: string): readonly RefUpdate[];
  /** Deletions of refs that nobody needs any more once this push has ended these claims. */
  unneeded(ended: readonly NamedClaim[]): readonly RefUpdate[];
  /** Whether the server can push atomically; else the branch goes first and the deletions after it. */
  readonly atomic: boolean;
}

/** The load of an attempt that helps nobody. */
export const NOTHING_ELSE: Alongside = {
  helped: [],
  deletions: [],
  replaced: [],
  answers: () => [],
  unneeded: () => [],
  atomic: true,
};

/**
 * One try: reads the queue at the tip, decides, builds, and pushes everything once. If the push lands, the group is
 * settled, except for intents that arrived after the look and that only another look can answer. The caller judges any
 * other outcome. If this try had to wait for its turn to push, and was outdated by then, nothing was pushed, and
 * `group.turns` keeps the turn for the next try, which should follow at once.
 */
export async function tryOnce(
  engine: Engine,
  group: Group,
  tip: string,
  attempt: number,
  load: Alongside = NOTHING_ELSE,
): Promise<PushOutcome> {
  const { store, clock, signal } = engine;
  const { snapshot, scope } = await read(engine, group, tip, load.helped);
  const build = (from: QueueSnapshot): Promise<Built> =>
    decideAndBuild(engine, from, inOrder(load.helped, group.numbered(attempt)), () =>
      readSnapshot(engine, tip, withWitnesses(scope, clock.now())),
    );
  const built = await build(snapshot);
  engine.at?.('built');
  // Whoever waits here has announced nothing: if the time runs out, nothing can have landed.
  const turn = built.decided.commits.length === 0 ? group.turns.leave() : await group.turns.take(store, signal);
  let isOutdated = false;
  try {
    isOutdated = turn?.came === 'after others' && (await wouldBeRejected(engine, tip, load));
    signal.throwIfAborted();
    return isOutdated ? OVERTAKEN : await pushBuilt({ engine, group, tip, attempt, load, build, turn }, built);
  } finally {
    if (isOutdated) group.turns.keep(turn);
    else turn?.leave();
  }
}

/**
 * Whether a push that has waited for its turn can only be rejected, which costs more than a look: others have moved the
 * branch meanwhile, or the owner of a request has renewed or withdrawn it.
 */
async function wouldBeRejected(engine: Engine, tip: string, { deletions, replaced }: Alongside): Promise<boolean> {
  const leased = [...deletions, ...replaced];
  if (leased.length === 0) return hasMoved(engine, tip);
  try {
    const look = await lookAtTip(engine, HELP_REFS);
    return look.tip !== tip || leased.some(({ ref, expected }) => look.refs.get(ref) !== expected);
  } catch (error) {
    // The push will tell.
    if (error instanceof RetryableFailure) return false;
    throw error;
  }
}

interface Attempt {
  readonly engine: Engine;
  readonly group: Group;
  readonly tip: string;
  readonly attempt: number;
  readonly load: Alongside;
  build(from: QueueSnapshot): Promise<Built>;
  /** undefined: nobody waits for a turn. */
  readonly turn: Turn | undefined;
}

/** Announces what was built, and pushes it. */
async function pushBuilt(
  { engine, group, tip, attempt, load, build, turn }: Attempt,
  first: Built,
): Promise<PushOutcome> {
  const { store, clock, signal, critical } = engine;
  let built = first;
  // Each round drops an intent whose caller is gone, so the loop ends.
  while (built.decided.commits.length > 0 && (await group.announce(tip)) === 'changed') {
    built = await build(built.snapshot);
  }
  engine.at?.('announced');
  const { decided, commits } = built;
  const answers = decided.decisions.map((decision) => toSettled(decision, commits, tip));
  if (decided.commits.length === 0 && load.deletions.length === 0) {
    group.settleSeen(answers, tip);
    return { kind: 'landed' };
  }

  const last = commits.at(-1);
  const isLate = last !== undefined && load.helped.length === 0 && (await isOvertaken(engine, tip));
  signal.throwIfAborted();
  return critical.run(async () => {
    const pushedAt = clock.now();
    const branch = last === undefined ? [] : [{ ref: store.branchRef, expected: tip, to: last }];
    const onMove =
      last === undefined
        ? []
        : [
            ...load.replaced,
            ...load.answers(answers, last),
            ...load.unneeded(endedClaims(built.snapshot, decided.commits)),
          ];
    engine.at?.('pushing');
    const others = [...load.deletions, ...onMove];
    const how = { atomic: load.atomic, turn };
    const pushing = isLate ? OVERTAKEN : group.pushing(() => push(engine, branch, others, how));
    const answer = await Promise.resolve(pushing).catch((error: unknown) => {
      // Git was killed in the middle of the push.
      if (branch.length > 0) group.suspect(tip);
      throw error;
    });
    engine.at?.('pushed');
    const isSettled = branch.length === 0 && answer.kind === 'unknown' && (await isDeleted(engine, group, tip, load));
    const outcome: PushOutcome = isSettled ? { kind: 'landed' } : answer;
    if (outcome.kind === 'landed') {
      const elapsedMs = clock.now() - pushedAt;
      if (commits.length > 0)
        engine.onEvent({ kind: 'pushed', commit: commits.at(-1) ?? tip, commits: commits.length, elapsedMs });
      // Refusals, too, hold only now: "nothing claimable" may be true because another intent of this group took the
      // task. The branch moved from the tip of the look, so nobody else has changed it since: it does not matter who
      // asked when.
      if (branch.length > 0) group.settle(answers);
      else group.settleSeen(answers, tip);
      engine.at?.('settled');
      if (commits.length > 0) await engine.rejections.note('landed', clock.now());
      return outcome;
    }
    // If nothing but deletions was to be pushed, our own callers must not pay for refs of others that cannot be
    // deleted. If the server refuses, the caller of this function finds another way. If no intent is pending here, the
    // push was only for others.
    if (branch.length === 0 && outcome.kind !== 'refused' && group.pending.length > 0) {
      group.settleUnasked(answers, tip);
      if (group.pending.length === 0) return { kind: 'landed' };
    }
    if (isLostRace(outcome)) await group.noteRejection(attempt, outcome.words);
    // Not only for `unknown`: a connection may have been reset after the push landed.
    const isCertain = outcome.kind === 'rejected' || outcome.kind === 'refused' || wasNotSent(outcome);
    if (branch.length > 0 && !isCertain) group.suspect(tip);
    return outcome;
  });
}

const OVERTAKEN = { kind: 'rejected', words: 'stale info' } as const;

/**
 * Whether others have moved the branch since the look. On a crowded machine a look is old when the commits are built,
 * and where looking is cheap it tells that for a third of what a lost push costs. Of 100 agents that started at once on
 * 2 cores, each as a machine of its own, 50 lost their first push without this look, and 13 with it.
 */
async function isOvertaken(engine: Engine, tip: string): Promise<boolean> {
  return engine.host === 'crowded' && engine.store.looking === 'cheap' && hasMoved(engine, tip);
}

async function hasMoved(engine: Engine, tip: string): Promise<boolean> {
  try {
    return (await lookAtTip(engine)).tip !== tip;
  } catch (error) {
    // The push will tell.
    if (error instanceof RetryableFailure) return false;
    throw error;
  }
}

/**
 * Whether requests that could only be refused are gone although the answer to their deletion was lost. Then nobody can
 * carry them out any more: the branch is still at the tip at which they were refused, and no earlier push of theirs,
 * leased on another tip, can land. If they were published again instead, they would have to be refused and deleted
 * again: with a server that answered every other push, three agents went on like that for as long as they had retries.
 */
async function isDeleted(engine: Engine, group: Group, tip: string, { deletions }: Alongside): Promise<boolean> {
  if (group.pending.some(({ base }) => base === tip)) return false;
  try {
    const look = await lookAtTip(engine, [REQUESTS]);
    return look.tip === tip && deletions.every(({ ref }) => !look.refs.has(ref));
  } catch (error) {
    if (error instanceof RetryableFailure) return false;
    throw error;
  }
}

/** Order of arrival: first the published intents, then the others; each request once. */
function inOrder(helped: readonly Intent[], own: readonly Intent[]): readonly Intent[] {
  const byRequest = new Map([...helped, ...own].map((intent) => [intent.request, intent]));
  return [...byRequest.values()];
}

async function push(
  engine: Engine,
  branch: readonly RefUpdate[],
  others: readonly RefUpdate[],
  { atomic, turn }: { readonly atomic: boolean; readonly turn: Turn | undefined },
): Promise<PushOutcome> {
  const { store, cut: signal } = engine;
  const how = { signal, ...given({ turn }) };
  if (others.length === 0) return store.push(branch, how);
  if (atomic || branch.length === 0) return store.push([...branch, ...others], { atomic, ...how });
  const outcome = await store.push(branch, how);
  // It does not matter if this fails: the next leader finds the requests in the history, and deletes them.
  if (outcome.kind === 'landed') await store.push(others, { signal });
  return outcome;
}

/** Reads what the decision needs. Intents that arrive meanwhile may need more. */
async function read(
  engine: Engine,
  group: Group,
  tip: string,
  helped: readonly Intent[],
): Promise<{ readonly snapshot: QueueSnapshot; readonly scope: SnapshotScope }> {
  const now = engine.clock.now();
  const needed = () => scopeOf([...helped, ...group.pending.map(({ intent }) => intent)], now);
  const scope = needed();
  const snapshot = await readSnapshot(engine, tip, scope);
  await group.join('last-call', tip);
  if (covers(scope, needed())) return { snapshot, scope };
  const wider = needed();
  return { snapshot: await readSnapshot(engine, tip, wider), scope: wider };
}

function toSettled(decision: DecidedIntent, commits: readonly string[], base: string): Settled {
  const { intent } = decision;
  switch (decision.kind) {
    case 'change':
      return { kind: 'done', intent, outcome: decision.outcome, commit: commits[decision.commit], base };
    case 'unchanged':
      return { kind: 'done', intent, outcome: decision.outcome, commit: undefined, base };
    case 'refused':
      return { kind: 'refused', intent, refusal: decision.refusal };
  }
}
