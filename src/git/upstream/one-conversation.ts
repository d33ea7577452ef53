import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Look } from '../answers/look.ts';
import type { PushOutcome, RefUpdate } from '../answers/push-outcome.ts';
import { classifyReport, type ReportLine } from '../answers/push-report.ts';
import { noAnswer, unanswered } from '../answers/read-report.ts';
import { outcomeOfReport, outcomeOfSilence } from '../answers/receive-report.ts';
import type { Ending } from '../process/ending.ts';
import { throwIfAborted } from '../process/git-client.ts';
import type { RemoteInfo } from '../repository/remotes.ts';
import type { Repository } from '../repository/repository.ts';
import { looseValue } from '../repository/revision.ts';
import type { Advertised } from '../wire/advertisement.ts';
import { packFor } from './pack-for.ts';
import { type Received, ReceivePack } from './receive-pack.ts';
import { COLLECTING, SILENCES } from './remote.ts';
import { collectGarbage } from './server-garbage.ts';
import { trackAsPushed } from './track-as-pushed.ts';
import { listRefs } from './upload-pack.ts';
import type { Silences, Upstream } from './upstream.ts';

/** How long (ms) a server is kept for a push. It is a process that waits. */
const KEPT_MS = 15_000;

/** Environment variables because of which git may not reach a folder. */
const OTHER_WAYS = ['GIT_ALLOW_PROTOCOL', 'GIT_PROTOCOL_FROM_USER'];

/** Names that git would not even send: it says why. */
const UNUSUAL = /^(?!refs\/)|[^\x21-\x7e]|[~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.(?:lock)?(?:\/|$)|\/$/;

const NOT_BEGUN: PushOutcome = { kind: 'transient', words: 'it was ended before it began' };

/** A server that has advertised its refs, and waits for commands. */
interface Open {
  readonly kind: 'open';
  readonly server: ReceivePack;
  readonly advertised: Advertised;
}

/** Why there is none: `other-way` if git may know what to do, or at least what to say. */
type Opened = Open | { readonly kind: 'other-way' } | { readonly kind: 'told' } | { readonly kind: 'silent' };

/**
 * The upstream of a remote in a folder: a push is one conversation with git's server for pushes, and the look that
 * announces the push is its beginning. `git ls-remote` and `git push` start six more processes. Other looks are one
 * with git's server for reading. Everything else is done by `upstream`: fetches, and whatever the conversations cannot
 * do.
 * @param folder of the remote
 */
export function overOneConversation(
  upstream: Upstream,
  repository: Repository,
  remote: RemoteInfo,
  folder: string,
  silences: Silences = SILENCES,
): Upstream {
  const { git } = repository;
  const { name } = remote;
  let kept: { readonly open: Open; readonly timer: NodeJS.Timeout } | undefined;
  let isClosed = false;
  /** The server has done something unexpected. */
  let isAvoided = OTHER_WAYS.some((variable) => git.env[variable] !== undefined);

  function isThere(): boolean {
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /** The server that waits, which is nobody else's from now on. */
  function take(): Open | undefined {
    const taken = kept;
    kept = undefined;
    clearTimeout(taken?.timer);
    return taken?.open;
  }

  function keep(open: Open): void {
    // Of two looks at once, only the later one is followed by a push to the same server.
    take()?.server.close();
    if (isClosed) open.server.close();
    else kept = { open, timer: setTimeout(() => take()?.server.close(), KEPT_MS).unref() };
  }

  /**
   * Whether a file says that the ref has moved since the server advertised it. Then it is asked again: a pack that is
   * sent in vain costs it three times as much. Only the server knows for certain.
   */
  function seemsMoved(ref: string, { advertised }: Open): boolean {
    const value = looseValue(join(folder, '.git'), ref) ?? looseValue(folder, ref);
    return value !== undefined && value !== advertised.refs.get(ref);
  }

  /** The server that waits, if it is still there, and has the refs where the updates expect them. */
  function waitingFor(updates: readonly RefUpdate[]): Open | undefined {
    const waiting = take();
    if (waiting === undefined) return undefined;
    const isStale =
      staleIn(waiting.advertised, updates).length > 0 || updates.some(({ ref }) => seemsMoved(ref, waiting));
    if (!waiting.server.hasEnded && !isStale) return waiting;
    waiting.server.close();
    return undefined;
  }

  /** @throws Failure `interrupted` or `machine-unusable` */
  async function open({ signal }: Ending): Promise<Opened> {
    if (isAvoided || !isThere()) return { kind: 'other-way' };
    const server = new ReceivePack(git, folder);
    const advertising = await server.advertise({ signal, silenceMs: silences.look });
    if (advertising.kind === 'advertised') return { kind: 'open', server, advertised: advertising.advertised };
    await server.end();
    throwIfAborted(git.signal);
    const { ended } = advertising;
    if (ended === 'told' || ended === 'silent') return { kind: ended };
    isAvoided = true;
    return { kind: 'other-way' };
  }

  /** @returns undefined if the branch is not there, or the other way must be taken. @throws as a look does */
  async function lookToPush(
    branchRef: string,
    prefixes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Look | undefined> {
    const opened = await open({ signal });
    if (opened.kind !== 'open') {
      throwIfEnded(opened.kind, signal);
      return undefined;
    }
    const look = lookIn(opened.advertised.refs, branchRef, prefixes);
    if (look === undefined) opened.server.close();
    else keep(opened);
    return look;
  }

  /** @returns undefined if the branch is not there, or the other way must be taken. @throws as a look does */
  async function lookToRead(
    branchRef: string,
    prefixes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Look | undefined> {
    if (isAvoided || !isThere()) return undefined;
    const list = await listRefs(git, folder, [branchRef, ...prefixes], { signal, silenceMs: silences.look });
    if (list.kind === 'listed') return lookIn(list.refs, branchRef, prefixes);
    throwIfAborted(git.signal);
    throwIfEnded(list.ended, signal);
    return undefined;
  }

  /** @throws what a look throws that is told to end, or gets no answer */
  function throwIfEnded(ended: string | undefined, signal: AbortSignal | undefined): void {
    if (ended === 'told') signal?.throwIfAborted();
    if (ended === 'silent') throw unanswered(name, silences.look);
  }

  /** @throws as a push does */
  async function pushTo(
    { server, advertised }: Open,
    updates: readonly RefUpdate[],
    atomic: boolean,
    signal: AbortSignal | undefined,
  ): Promise<PushOutcome | 'other-way'> {
    const limits = { signal, silenceMs: silences.push };
    const packed = isPossible(advertised, updates, atomic)
      ? await packFor(repository, updates, advertised, limits).catch((error: unknown) => failedToPack(error, signal))
      : undefined;
    if (packed === undefined || signal?.aborted) {
      server.close();
      return signal?.aborted ? NOT_BEGUN : 'other-way';
    }
    const received = await server.push(updates, atomic, packed.bytes, advertised, limits);
    const outcome = outcomeOf(received, updates, silences.push);
    throwIfAborted(outcome.kind === 'landed' ? undefined : git.signal);
    if (outcome.kind !== 'landed') return outcome;
    await trackAsPushed(repository, remote, updates);
    if (updates.some(({ to }) => to !== undefined && COLLECTING.test(to))) await collectGarbage(git, folder);
    return outcome;
  }

  return {
    ...upstream,
    async look(branchRef, prefixes, options = {}) {
      const { signal, toPush = false } = options;
      signal?.throwIfAborted();
      const look = toPush
        ? await lookToPush(branchRef, prefixes, signal)
        : await lookToRead(branchRef, prefixes, signal);
      // A branch that is not there may be damaged, or shown only to those who read: another look tells.
      return look ?? upstream.look(branchRef, prefixes, options);
    },
    async push(updates, options = {}) {
      const { atomic = false, signal } = options;
      if (signal?.aborted) return NOT_BEGUN;
      if (updates.some((update) => isUnusual(update))) {
        take()?.server.close();
        return upstream.push(updates, options);
      }
      const opened = waitingFor(updates) ?? (await open(options));
      if (opened.kind === 'told') return NOT_BEGUN;
      if (opened.kind === 'silent') return { kind: 'transient', words: noAnswer(silences.look) };
      if (opened.kind === 'other-way') return upstream.push(updates, options);
      const stale = staleIn(opened.advertised, updates);
      if (stale.length > 0) {
        opened.server.close();
        // The others go, if they may go alone.
        return atomic || updates.length === 1 ? lostBefore(stale) : upstream.push(updates, options);
      }
      const outcome = await pushTo(opened, updates, atomic, signal);
      return outcome === 'other-way' ? upstream.push(updates, options) : outcome;
    },
    close() {
      isClosed = true;
      take()?.server.close();
      upstream.close?.();
    },
  };
}

/** @returns undefined if the branch is not among the refs */
function lookIn(refs: Advertised['refs'], branchRef: string, prefixes: readonly string[]): Look | undefined {
  const tip = refs.get(branchRef);
  if (tip === undefined) return undefined;
  return { tip, refs: new Map([...refs].filter(([ref]) => prefixes.some((prefix) => ref.startsWith(prefix)))) };
}

/** The updates whose refs are elsewhere than they expect. */
function staleIn({ refs }: Advertised, updates: readonly RefUpdate[]): readonly RefUpdate[] {
  return updates.filter(({ ref, expected }) => refs.get(ref) !== expected);
}

/** Nothing was sent, and git would not have sent anything either. */
function lostBefore(stale: readonly RefUpdate[]): PushOutcome {
  const lines = stale.map(({ ref }): ReportLine => ({ flag: '!', ref, byServer: false, reason: 'stale info' }));
  return classifyReport({ exitCode: 1, lines, stderr: '', isOverHttp: false });
}

/** Whether the server can do it, and git would do it in the same way. */
function isPossible({ capabilities }: Advertised, updates: readonly RefUpdate[], atomic: boolean): boolean {
  if (atomic && !capabilities.has('atomic')) return false;
  if (updates.some(({ to }) => to === undefined) && !capabilities.has('delete-refs')) return false;
  return true;
}

/** Whether git does more with it than send it. */
function isUnusual({ ref, expected, to }: RefUpdate): boolean {
  return UNUSUAL.test(ref) || (to !== undefined && to === expected);
}

/** @throws the error, unless it is the reason of the signal */
function failedToPack(error: unknown, signal: AbortSignal | undefined): undefined {
  if (!signal?.aborted) throw error;
  return undefined;
}

function outcomeOf(received: Received, updates: readonly RefUpdate[], silenceMs: number): PushOutcome {
  if (received.kind === 'answered') {
    return outcomeOfReport(received.report, new Set(updates.map(({ ref }) => ref)), received.words);
  }
  if (received.ended === 'silent') return { kind: 'unknown', words: noAnswer(silenceMs) };
  if (received.ended === 'told') return { kind: 'unknown', words: 'it was ended before the remote answered' };
  return outcomeOfSilence(received.words);
}
