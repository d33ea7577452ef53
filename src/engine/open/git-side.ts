import type { QueueEvent } from '../../domain/base/event.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { InstallRequest } from '../../domain/deciding/install.ts';
import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import type { CommitFacts } from '../../domain/past/activity.ts';
import type { Intent } from '../../domain/queue/intent.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import { type FollowRequest, followCheckout } from '../../git/checkout/checkout.ts';
import type { FollowOutcome } from '../../git/checkout/checkout-moved.ts';
import { emptyTree, resolveCommit } from '../../git/repository/revision.ts';
import { watchBranch } from '../../git/upstream/watch-branch.ts';
import type { LoggedCommit } from '../../store/event-store.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { Engine, Pending, Settled, Settlement } from '../base/engine.ts';
import { failureOf } from '../base/refusal.ts';
import { help } from '../helping/helping.ts';
import type { OpenQueueOptions, SnapshotOptions, WatchedEvent, WatchOptions } from '../queue/queue.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tips } from '../queue/tips.ts';
import { type Installed, install } from '../transaction/install.ts';
import { fixedIntake, type Intake } from '../transaction/intake.ts';
import { lookUp } from '../transaction/recall.ts';
import { lookAtTip, readSnapshot, readTip, rehearse } from '../transaction/tip.ts';
import { transact } from '../transaction/transaction.ts';
import { forgetBeats, sweepBeats, writeBeats } from '../transaction/write-beats.ts';
import type { TipSource } from '../waiting/tip-poller.ts';
import { watchQueue } from '../waiting/watching.ts';
import { type Again, askAgain } from './again.ts';
import { isHelpWanted, type Opening } from './opening.ts';
import { openSession } from './session.ts';

/**
 * The part of a queue that works with git. A follower never loads it: simple-git, zod and the TOON library cost it as
 * much start-up again as all the rest.
 */
export interface GitSide {
  /** Name of the remote; undefined in local mode. */
  readonly remote: string | undefined;
  /** @param what heartbeats stand behind no other push of this machine */
  carryOut(intake: Intake, signal: AbortSignal, cut: AbortSignal, what: 'heartbeats' | 'anything'): Promise<Settlement>;
  /** Carries one intent out without others and whatever interrupts: for cleaning up behind an interrupt. */
  carryOutAlone(intent: Intent): Promise<Settled | undefined>;
  /** What became of an intent that may have been carried out, whatever interrupts; undefined: it was not. */
  lookUp(pending: Pending): Promise<Settled | undefined>;
  /** The same for one of which it is not known since when: the whole history is asked. */
  again(intent: Intent): Promise<Again>;
  plan(intent: Intent): Promise<Submitted>;
  snapshot(scope: SnapshotScope, options?: SnapshotOptions): Promise<QueueSnapshot>;
  install(request: InstallRequest): Promise<Installed>;
  history(from: string, limit: number): AsyncIterable<CommitFacts>;
  taskBytes(entry: TaskEntry): Promise<Uint8Array>;
  /** Writes heartbeats as refs, in one push. */
  beat(beats: readonly Beat[], signal?: AbortSignal): Promise<'written' | 'refused'>;
  /** Removes the heartbeat refs that this process has written. Never throws. */
  forgetHeartbeats(): Promise<void>;
  follow(request: FollowRequest): Promise<FollowOutcome>;
  /** Where the tip of the branch is looked up while somebody waits for it to move. */
  readonly tipSource: TipSource;
  watch(tips: Tips, options: WatchOptions): AsyncIterable<WatchedEvent>;
  record(newerThanMs: number | undefined): AsyncIterable<LoggedCommit>;
  beats(): Promise<readonly Beat[]>;
  close(): Promise<void>;
}

/**
 * The git side of the repository that is being opened.
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`.
 */
export async function openGitSide(
  options: OpenQueueOptions,
  critical: CriticalSection,
  onEvent: (event: QueueEvent) => void,
  opening: Opening,
): Promise<GitSide> {
  const session = await openSession({ ...options, onEvent }, opening);
  const { clock, random, backoff, host, stalledMs, maxRetries } = options;
  const never = new AbortController().signal;
  const engineFor = (signal: AbortSignal, cut = never, store = session.store): Engine => ({
    store,
    clock,
    random,
    signal,
    cut,
    critical,
    backoff,
    host,
    stalledMs,
    rejections: session.rejections,
    maxRetries,
    at: options.at,
    onEvent,
  });
  // Without a remote there are no other machines: what races here is on this one, and is combined or tried again.
  const helps = session.remote !== undefined && isHelpWanted(options);
  const engine = engineFor(options.signal);
  const uninterrupted = engineFor(new AbortController().signal);
  return {
    remote: session.remote,
    async carryOut(intake, signal, cut, what) {
      const own = engineFor(signal, cut, what === 'heartbeats' ? session.beatStore : session.store);
      const settlement = await (helps ? help(own, session.abilities, intake) : transact(own, intake));
      // Only then were the heartbeats of all agents read.
      const hasJudged = settlement.settled.some(
        (one) => one.kind === 'done' && one.outcome.kind === 'released-stalled',
      );
      if (hasJudged) await sweepBeats(session.store.heartbeats, session.abilities, clock.now());
      return settlement;
    },
    async carryOutAlone(intent) {
      const [settled] = (await transact(uninterrupted, fixedIntake([{ intent, base: undefined }]))).settled;
      if (session.remote === undefined && settled?.kind === 'done' && settled.commit !== undefined) {
        const { branchRef } = session.store;
        const { commit, base } = settled;
        await followCheckout(session.repository, session.objects, {
          branchRef,
          to: commit,
          paths: [],
          movedFrom: base,
          sync: false,
        });
      }
      return settled;
    },
    lookUp: (pending) => lookUp(uninterrupted, pending),
    again: (intent) => askAgain(engine, intent),
    async plan(intent) {
      const startedAt = clock.now();
      const [decision] = (await rehearse(engine, [intent])).decisions;
      if (!decision) throw new Error('one intent, no decision');
      if (decision.kind === 'refused') throw failureOf(decision.refusal);
      const elapsedMs = clock.now() - startedAt;
      return {
        outcome: decision.outcome,
        commit: undefined,
        attempts: 1,
        rejectedPushes: 0,
        backoffBaseMs: 0,
        elapsedMs,
      };
    },
    async snapshot(scope, { revision, commit, unreadable } = {}) {
      const reader = unreadable === 'leave' ? { ...engine, onEvent: withoutUnreadable(onEvent) } : engine;
      if (commit !== undefined) return readSnapshot(reader, commit, scope);
      if (revision === undefined) return readTip(reader, scope);
      return readSnapshot(reader, await resolveCommit(session.repository, revision), scope);
    },
    async install(request) {
      const installed = await install(engine, session.installStore, request);
      // An index that has nothing yet, on a branch that was not born yet, follows from the empty tree.
      return { ...installed, base: installed.base ?? emptyTree(session.repository) };
    },
    history: (from, limit) => session.store.history(from, limit),
    taskBytes: (entry) => session.store.taskBytes(entry),
    beat(beats, signal) {
      const own = signal === undefined ? engine : engineFor(AbortSignal.any([options.signal, signal]));
      return writeBeats(own, session.beatStore.heartbeats, session.abilities, beats);
    },
    forgetHeartbeats: () => forgetBeats(session.beatStore.heartbeats, session.abilities),
    async follow(request) {
      try {
        // Another process may have pushed it for us, from another clone.
        if (session.remote !== undefined && request.sync) await session.store.obtain(request.to);
      } catch (error) {
        if (!(error instanceof Failure) || error.code === 'interrupted') throw error;
        return { kind: 'failed', reason: error.message };
      }
      return followCheckout(session.repository, session.objects, request);
    },
    watch: (tips, how) =>
      watchQueue({ events: session.eventStore, tips, clock, signal: options.signal, branch: options.branch }, how),
    async *record(newerThanMs) {
      const { tip } = await lookAtTip(engine);
      await session.eventStore.fetch(tip);
      yield* session.eventStore.log(tip, newerThanMs);
    },
    beats: async () => (session.remote === undefined ? [] : session.store.heartbeats.read()),
    tipSource: {
      look: async () => (await session.store.look()).tip,
      watch: (onHint) => watchBranch(session.repository, session.remote, session.store.branchRef, onHint),
    },
    close: () => session.close(),
  };
}

function withoutUnreadable(onEvent: (event: QueueEvent) => void): (event: QueueEvent) => void {
  return (event) => {
    if (event.kind !== 'unreadable-task') onEvent(event);
  };
}
