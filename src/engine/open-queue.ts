import type { QueueEvent } from '../domain/event.ts';
import type { Intent } from '../domain/intent.ts';
import { type FollowOutcome, followCheckout } from '../git/checkout.ts';
import { type Located, locate } from '../git/locate.ts';
import { Combiner } from './combining/combiner.ts';
import { CriticalSection } from './critical-section.ts';
import type { Engine, Settled } from './engine.ts';
import { fixedIntake } from './intake.ts';
import { meetingSocket, placeOfQueue, type QueuePlace } from './meeting-place.ts';
import type { FollowNotice, OpenQueueOptions, Queue } from './queue.ts';
import { lookUp } from './recall.ts';
import { failureOf } from './refusal.ts';
import { openSession, type Session } from './session.ts';
import { submitIntent } from './submit.ts';
import { readTip, rehearse } from './tip.ts';
import { transact } from './transaction.ts';

/**
 * Opens the queue that the options name. Nothing is fetched yet, and where a few files tell which queue it is, no git
 * process is started either: a process that finds a leader to follow never needs one.
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`.
 */
export async function openQueue(options: OpenQueueOptions): Promise<Queue> {
  const critical = new CriticalSection(options.signal, options.clock);
  const onEvent = onceAFile(options.onEvent);
  let opened: Promise<Session> | undefined;
  const session = (): Promise<Session> => {
    opened ??= openSession(options, critical);
    return opened;
  };
  const engineFor = ({ store }: Session, signal = options.signal): Engine => ({
    store,
    clock: options.clock,
    random: options.random,
    signal,
    critical,
    backoff: options.backoff,
    maxRetries: options.maxRetries,
    onEvent,
  });

  const located = await locate(options.dir);
  const place = located && placeOfQueue(located, options.remote, options.branch, options.env);
  const remote = place ? place.remote : (await session()).remote;
  const combiner = new Combiner({
    socketPath: await socketFor(place, options),
    carryOut: async (intake, signal) => transact(engineFor(await session(), signal), intake),
    lookUp: async (pending) => lookUp(engineFor(await session(), new AbortController().signal), pending),
    clock: options.clock,
    signal: options.signal,
    critical,
  });
  const carryOutAlone = async (intent: Intent): Promise<Settled | undefined> => {
    const engine = engineFor(await session(), new AbortController().signal);
    return (await transact(engine, fixedIntake([{ intent, base: undefined }]))).settled[0];
  };
  /** Where the branch was before our commit: a local checkout of it must be moved along from there. */
  const bases = new Map<string, string>();

  return {
    remote,
    branch: options.branch,
    async submit(intent) {
      const { submitted, base } = await submitIntent(
        { combiner, carryOutAlone, clock: options.clock, random: options.random, signal: options.signal, critical },
        intent,
        options.timeoutMs,
      );
      if (submitted.commit !== undefined) bases.set(submitted.commit, base);
      return submitted;
    },
    async plan(intent) {
      const startedAt = options.clock.now();
      const [decision] = (await rehearse(engineFor(await session()), [intent])).decisions;
      if (!decision) throw new Error('one intent, no decision');
      if (decision.kind === 'refused') throw failureOf(decision.refusal);
      const elapsedMs = options.clock.now() - startedAt;
      return { outcome: decision.outcome, commit: undefined, attempts: 1, rejectedPushes: 0, elapsedMs };
    },
    snapshot: async (scope) => readTip(engineFor(await session()), scope),
    taskBytes: async (entry) => (await session()).store.taskBytes(entry),
    async follow(commit, paths) {
      if (cannotFollow(located, remote, options)) return { kind: 'skipped' };
      const { repository, store } = await session();
      const base = remote === undefined ? bases.get(commit) : undefined;
      const outcome = await followCheckout(repository, {
        branchRef: store.branchRef,
        to: commit,
        paths,
        sync: options.sync,
        ...(base === undefined ? {} : { movedFrom: base }),
      });
      return toNotice(outcome);
    },
    async close() {
      await (await opened?.catch(() => undefined))?.close();
      critical.close();
    },
  };
}

async function socketFor(place: QueuePlace | undefined, options: OpenQueueOptions): Promise<string | undefined> {
  const isWanted = options.combine === 'all' || options.combine === 'local';
  return place && isWanted ? meetingSocket(place, options.env) : undefined;
}

/** Told by a file, where it can be: a follower on another branch needs no git to know that its checkout stays as it is. */
function cannotFollow(located: Located | undefined, remote: string | undefined, options: OpenQueueOptions): boolean {
  if (remote === undefined) return false;
  return !options.sync || (located !== undefined && located.head !== `refs/heads/${options.branch}`);
}

function toNotice(outcome: FollowOutcome): FollowNotice {
  switch (outcome.kind) {
    case 'followed':
    case 'up-to-date':
      return { kind: 'followed' };
    case 'not-on-branch':
    case 'bare':
    case 'off':
      return { kind: 'skipped' };
    case 'diverged':
    case 'dirty':
    case 'busy':
    case 'failed':
      return { kind: 'skipped', reason: outcome.reason };
  }
}

/** Every attempt reads the same unreadable files again; the user hears of each once. */
function onceAFile(onEvent: (event: QueueEvent) => void): (event: QueueEvent) => void {
  const reported = new Set<string>();
  return (event) => {
    if (event.kind === 'unreadable-task') {
      if (reported.has(event.file)) return;
      reported.add(event.file);
    }
    onEvent(event);
  };
}
