import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { parseHelperReport } from '../answers/helper-report.ts';
import type { Look } from '../answers/look.ts';
import type { PushOutcome, RefUpdate } from '../answers/push-outcome.ts';
import { classifyReport } from '../answers/push-report.ts';
import { classifyRead, noAnswer, unanswered } from '../answers/read-report.ts';
import type { Ending } from '../process/ending.ts';
import { throwIfAborted } from '../process/git-client.ts';
import { wordsOf } from '../process/words.ts';
import { sweepDrafts } from '../repository/leftovers.ts';
import type { RemoteInfo } from '../repository/remotes.ts';
import type { Repository } from '../repository/repository.ts';
import { SILENCES } from './remote.ts';
import { type HelperEnd, HelperKeeper, type Kept, type Listing, RemoteHelper } from './remote-helper.ts';
import { trackAsPushed } from './track-as-pushed.ts';
import type { Fetching, FetchingMemory, FetchOutcome, Silences, Upstream } from './upstream.ts';

/** From so many refs on, a fetch of its own is better, which asks the server only for what it wants. */
const MANY_REFS = 2_000;

/**
 * The upstream of a remote over http or https, where a look that announces a push, and that push, share one connection:
 * 2 requests instead of 4, and half the time. So do the looks and pushes that follow soon, and the fetch of the tip in
 * between. Everything else is done by `upstream`: other looks and fetches, a push that does not fit the look, and
 * whatever the helper cannot do.
 *
 * The helper keeps one list: a fetch after a list of what can be pushed to would cost the push another list. So in a
 * clone that had to fetch the last time, the look is at what can be read, and look, fetch and push are four requests.
 *
 * A look that announces a fetch shares another connection with it: whoever waits for the branch takes none from whoever
 * pushes.
 * @param remote has an `httpUrl`
 */
export function overOneConnection(
  upstream: Upstream,
  repository: Repository,
  remote: RemoteInfo,
  silences: Silences = SILENCES,
  memory: FetchingMemory = ofThisProcess(),
): Upstream {
  const { git } = repository;
  const { name } = remote;
  // What a shallow or a partial clone asks for is git's matter.
  const canFetch = !repository.shallow && !repository.partial;
  const command = remote.httpUrl?.startsWith('https:') === true ? 'remote-https' : 'remote-http';
  /** For looks that announce a push, and for those that announce a fetch. */
  const [pushing, reading] = [new HelperKeeper(), new HelperKeeper()];
  /** The server refused to list its refs for a push: so it would refuse the push that follows. */
  let refusal: PushOutcome | undefined;
  /** Looks that take the other way: one after a network fault, all of them once the helper did something unexpected. */
  let avoided = 0;
  /** Whether a tip was fetched since the last look. */
  let hasFetched = false;

  /** @returns undefined if the other way must be taken. @throws as a look does */
  async function lookOver(
    keeper: HelperKeeper,
    branchRef: string,
    prefixes: readonly string[],
    what: 'to-push' | 'to-read',
    { signal }: Ending,
  ): Promise<Look | undefined> {
    signal?.throwIfAborted();
    const limits = { signal, silenceMs: silences.look };
    const found = keeper.take();
    const asksAgain = found !== undefined && found.refs === undefined && found.listed !== what;
    if (!asksAgain) found?.helper.close();
    const used = asksAgain ? found.helper : undefined;
    let helper = used ?? new RemoteHelper(git, name, command);
    let listing = await helper.list(what, limits);
    if (used !== undefined && listing.kind === 'failed' && (listing.ended ?? 'exited') === 'exited') {
      // It had ended, or has lost its connection, since it was last used.
      used.close();
      helper = new RemoteHelper(git, name, command);
      listing = await helper.list(what, limits);
    }
    if (listing.kind === 'failed') {
      await explain(helper, what, listing.ended, signal);
      return undefined;
    }
    const { refs } = listing;
    const tip = refs.get(branchRef);
    if (what === 'to-read' && refs.size > MANY_REFS) await memory.rememberFetching('apart');
    // It may be damaged, or shown only to those who read: another look tells.
    if (tip === undefined) {
      helper.close();
      return undefined;
    }
    keeper.keep(helper, refs, what);
    return { tip, refs: new Map([...refs].filter(([ref]) => prefixes.some((prefix) => ref.startsWith(prefix)))) };
  }

  /** @throws if the other way would fail in the same way */
  async function explain(
    helper: RemoteHelper,
    what: 'to-push' | 'to-read',
    ended: Extract<Listing, { kind: 'failed' }>['ended'],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { stderr } = await helper.end();
    throwIfAborted(git.signal);
    if (ended === 'told') signal?.throwIfAborted();
    avoided = 1;
    if (ended === 'silent') throw unanswered(name, silences.look);
    // Whoever may not push, or not now, may still be allowed to read. But a server in trouble is not asked twice.
    const failure = ended === 'exited' && /unable to access '/.test(stderr) ? classifyRead(stderr, name) : undefined;
    if (failure?.code === 'remote-unreachable') throw failure;
    avoided = Number.POSITIVE_INFINITY;
    const outcome = classifyReport({ exitCode: 128, lines: [], stderr, isOverHttp: true });
    if (what === 'to-push' && ended === 'exited' && outcome.kind === 'refused') refusal = outcome;
  }

  /** @returns undefined if nothing was sent, and the other way must be taken. @throws Failure `interrupted` */
  async function pushOver(
    { helper, refs, listed }: Kept,
    updates: readonly RefUpdate[],
    atomic: boolean,
    signal: AbortSignal | undefined,
  ): Promise<PushOutcome | undefined> {
    const isFit =
      helper.canPush(updates, atomic) &&
      (await areFor(helper, listed === 'to-push' ? refs : undefined, updates, signal));
    if (!isFit) {
      helper.close();
      return undefined;
    }
    const answer = await helper.push(updates, atomic, { signal, silenceMs: silences.push });
    switch (answer.kind) {
      case 'not-begun':
        if (answer.ended === 'told') return { kind: 'transient', words: 'it was ended before it began' };
        if (answer.ended === undefined) avoided = Number.POSITIVE_INFINITY;
        return undefined;
      case 'broken-off':
        throwIfAborted(git.signal);
        return brokenOff(answer.ended, answer.end, silences.push);
      case 'answered': {
        const lines = parseHelperReport(answer.report, new Set(updates.map(({ ref }) => ref)));
        const hasLanded = lines?.length === updates.length && lines.every(({ flag }) => flag === ' ');
        if (hasLanded) {
          pushing.keep(helper, undefined, undefined);
          if (!hasFetched && listed !== undefined) await memory.rememberFetching('seldom');
          await trackAsPushed(repository, remote, updates);
          return { kind: 'landed' };
        }
        const { exitCode, stderr } = await helper.end();
        throwIfAborted(git.signal);
        if (lines !== undefined) return classifyReport({ exitCode, lines, stderr, isOverHttp: true });
        avoided = Number.POSITIVE_INFINITY;
        return { kind: 'unknown', words: wordsOf(stderr) || 'the answer of git to the push is not understood' };
      }
    }
  }

  /** Whether the refs are where the updates expect them. If not, those come from another look. */
  async function areFor(
    helper: RemoteHelper,
    listed: Kept['refs'],
    updates: readonly RefUpdate[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const listing =
      listed === undefined ? await helper.list('to-push', { signal, silenceMs: silences.look }) : undefined;
    const refs = listing?.kind === 'listed' ? listing.refs : listed;
    return refs !== undefined && updates.every(({ ref, expected }) => refs.get(ref) === expected);
  }

  /** @returns undefined if the other way must be taken. @throws as a fetch does */
  async function fetchOver(
    keeper: HelperKeeper,
    { helper }: Kept,
    branchRef: string,
    oid: string,
    { signal }: Ending,
  ): Promise<FetchOutcome | undefined> {
    const fetched = await helper.fetch(branchRef, oid, { signal, silenceMs: silences.fetch });
    if (fetched.kind === 'done') {
      for (const lock of fetched.locks) await removeLock(repository, lock);
      // The list that it has is for nobody who looks to fetch.
      if (keeper === reading) helper.close();
      else keeper.keep(helper, undefined, 'to-read');
      return { kind: 'present' };
    }
    helper.close();
    await sweepDrafts(repository);
    throwIfAborted(git.signal);
    if (fetched.ended === 'told') signal?.throwIfAborted();
    if (fetched.ended === 'silent') throw unanswered(name, silences.fetch);
    return undefined;
  }

  return {
    ...upstream,
    async fetchCommit(branchRef, oid, options = {}) {
      if (reading.kept?.refs?.get(branchRef) === oid) {
        const found = reading.take();
        const outcome = found && (await fetchOver(reading, found, branchRef, oid, options));
        if (outcome !== undefined) return outcome;
      }
      hasFetched = true;
      const { refs, listed } = pushing.kept ?? {};
      const isListed = canFetch && refs?.get(branchRef) === oid;
      if (isListed) await memory.rememberFetching((refs?.size ?? 0) > MANY_REFS ? 'apart' : 'usually');
      const found = isListed && listed === 'to-read' ? pushing.take() : undefined;
      const outcome = found && (await fetchOver(pushing, found, branchRef, oid, options));
      return outcome ?? upstream.fetchCommit(branchRef, oid, options);
    },
    async look(branchRef, prefixes, options = {}) {
      const { toPush = false, toFetch = false } = options;
      hasFetched &&= toFetch;
      const fetching = memory.fetching();
      const isOver = toPush || (toFetch && canFetch && fetching !== 'apart');
      if (!isOver) return upstream.look(branchRef, prefixes, options);
      if (avoided > 0) {
        avoided--;
        return upstream.look(branchRef, prefixes, options);
      }
      const what = canFetch && (!toPush || fetching === 'usually') ? 'to-read' : 'to-push';
      const look = await lookOver(toPush ? pushing : reading, branchRef, prefixes, what, options);
      return look ?? upstream.look(branchRef, prefixes, options);
    },
    async push(updates, options = {}) {
      const { atomic = false, signal } = options;
      if (signal?.aborted) return { kind: 'transient', words: 'it was ended before it began' };
      const refused = refusal;
      refusal = undefined;
      if (refused !== undefined) return refused;
      const found = pushing.take();
      const outcome = found && (await pushOver(found, updates, atomic, signal));
      return outcome ?? upstream.push(updates, options);
    },
    close() {
      pushing.close();
      reading.close();
      upstream.close?.();
    },
  };
}

/** A memory that lasts as long as this process. */
function ofThisProcess(): FetchingMemory {
  let known: Fetching = 'seldom';
  return {
    fetching: () => known,
    async rememberFetching(fetching) {
      known = fetching;
    },
  };
}

/** Git would keep the pack forever: nobody else knows that it was fetched. */
async function removeLock({ commonDir }: Repository, path: string): Promise<void> {
  const [name] = /pack-[0-9a-f]+\.keep$/.exec(path) ?? [];
  // The path may begin at another folder.
  if (name !== undefined) await fs.rm(join(commonDir, 'objects', 'pack', name), { force: true }).catch(() => undefined);
}

/** The outcome of a push without a whole answer. */
function brokenOff(ended: string | undefined, { exitCode, stderr }: HelperEnd, silenceMs: number): PushOutcome {
  if (ended === 'silent') return { kind: 'unknown', words: noAnswer(silenceMs) };
  if (ended === 'told') return { kind: 'unknown', words: 'it was ended before the remote answered' };
  // What git itself does not do, it says before it sends anything: a server without atomic pushes, a damaged clone.
  const outcome = classifyReport({ exitCode, lines: [], stderr, isOverHttp: true });
  if (outcome.kind === 'refused' || outcome.kind === 'local') return outcome;
  return { kind: 'unknown', words: wordsOf(stderr) || 'git ended in the middle of the push' };
}
