import type { QueueEvent } from '../../domain/base/event.ts';
import { given } from '../../domain/base/given.ts';
import type { ClaimedOutcome, Intent } from '../../domain/queue/intent.ts';
import type { FollowOutcome } from '../../git/checkout/checkout-moved.ts';
import { type Located, locate } from '../../git/repository/locate.ts';
import type { Meet, Meeting } from '../../machine/meeting.ts';
import { runtimeFolder, shortKey } from '../../machine/runtime-folder.ts';
import { socketMeeting } from '../../machine/socket-meeting.ts';
import { CriticalSection } from '../base/critical-section.ts';
import { Combiner } from '../combining/combiner.ts';
import { seeThrough } from '../combining/seeing-through.ts';
import type { FollowNotice, OpenQueueOptions, Queue, SubmitOptions, Waiting } from '../queue/queue.ts';
import { type Renewing, renewAll } from '../queue/renewal.ts';
import type { Submitted } from '../queue/submitted.ts';
import { TipWatch } from '../waiting/waiting.ts';
import type { GitSide } from './git-side.ts';
import { Limits } from './limits.ts';
import { placeOfQueue } from './meeting-place.ts';
import type { FirstUse } from './opening.ts';
import { giveBack, submitIntent } from './submit.ts';

/**
 * Opens the queue that the options name. Nothing is fetched yet, and where a few files tell which queue it is, no git
 * process is started either: a process that finds a leader to follow never needs one.
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`.
 */
export async function openQueue(options: OpenQueueOptions): Promise<Queue> {
  const { branch, clock, random, signal, at } = options;
  const critical = new CriticalSection(signal, clock);
  let silence: string | undefined;
  let waiting: Waiting | undefined;
  const onEvent = (event: QueueEvent): void => {
    if (event.kind === 'retrying') silence = event.unreachable === true ? event.reason : undefined;
    else if (event.kind === 'looked') silence = undefined;
    waiting = waitingAfter(event, clock.now()) ?? waiting;
    options.onEvent(event);
  };
  const located = locate(options.dir);
  const place = located && placeOfQueue(located, options.remote, branch, options.env);
  let opened: Promise<GitSide> | undefined;
  const openGit = async (use: FirstUse): Promise<GitSide> => {
    const { beginOpening } = await import('./opening.ts');
    const opening = beginOpening(options, critical, { use, remote: place?.remote });
    const { openGitSide } = await import('./git-side.ts');
    return openGitSide(options, critical, onceAFile(onEvent), opening);
  };
  const git = (use: FirstUse = 'other'): Promise<GitSide> => {
    opened ??= openGit(use);
    return opened;
  };

  const remote = place ? place.remote : (await git()).remote;
  const meetFor = meetingOf(options);
  const combinerOf = (what: 'heartbeats' | 'anything', key: string | undefined): Combiner =>
    new Combiner({
      meet: meetFor(key),
      carryOut: async (intake, batch, cut) => (await git('carry-out')).carryOut(intake, batch, cut, what),
      lookUp: async (pending) => (await git()).lookUp(pending),
      clock,
      signal,
      critical,
      othersRunning: options.othersRunning,
      at,
      onEvent,
    });
  const combiner = combinerOf('anything', place?.key);
  // Heartbeats go first: in one batch with claims they would sit out the backoff of a race that is not theirs. A local branch
  // has none to speak of, and the checkout moves along with one batch after the other.
  const beats = combinerOf('heartbeats', place && shortKey(['heartbeats', place.key]));
  const submitter = {
    combiner,
    carryOutAlone: async (intent: Intent) => (await git()).carryOutAlone(intent),
    clock,
    random,
    signal,
    critical,
    at,
    silence: () => silence,
  };
  const tips = new TipWatch({
    meet: meetFor(place && shortKey(['tips', place.key])),
    source: {
      look: async () => (await git('read')).tipSource.look(),
      watch: async (onHint) => (await git('read')).tipSource.watch(onHint),
    },
    clock,
    random,
    at,
    signal,
    onTrouble({ message }) {
      options.onEvent({ kind: 'warning', message: `${message}; still waiting` });
    },
  });
  /** Where the branch was before our commit: a local checkout of it must be moved along from there. */
  const bases = new Map<string, string>();
  /** Claims of this process, by commit: to be given back where it is interrupted before it could say so. */
  const claims = new Map<string, ClaimedOutcome>();
  let hasBeaten = false;

  const limits = new Limits(options, () => silence);
  const submit = async (intent: Intent, how: SubmitOptions = {}): Promise<Submitted> => {
    const both = {
      ...submitter,
      combiner: intent.kind === 'heartbeat' && remote !== undefined ? beats : combiner,
      signal: how.signal === undefined ? signal : AbortSignal.any([signal, how.signal]),
    };
    const pending = { intent, base: how.base };
    const { submitted, base }: { submitted: Submitted; base?: string } = await limits.announced(
      'the answer of the remote',
      async () => {
        const earlier =
          how.again === undefined ? undefined : await limits.within(async () => (await git()).again(intent));
        if (earlier?.kind === 'carried-out') return { submitted: earlier.submitted };
        const known = earlier === undefined ? pending : { intent, base: earlier.tip };
        return submitIntent(both, known, { timeoutMs: limits.leftMs(), askedMs: options.timeoutMs, until: how.until });
      },
    );
    const { commit, outcome } = submitted;
    if (remote === undefined && commit !== undefined && base !== undefined) bases.set(commit, base);
    if (outcome.kind === 'claimed' && commit !== undefined) claims.set(commit, outcome);
    return submitted;
  };
  /** For all that only reads. */
  const reading = <T>(work: () => Promise<T>): Promise<T> =>
    limits.announced('the answer of the remote', () => limits.within(work));
  const renewing = (how: SubmitOptions | undefined): Renewing => ({
    submit: (intent) => submit(intent, how),
    async beat(beats) {
      hasBeaten = true;
      return (await git()).beat(beats, how?.signal);
    },
  });

  return {
    remote,
    branch,
    tips,
    async submit(intent, how) {
      if (intent.kind !== 'heartbeat') return submit(intent, how);
      const [renewal] = await renewAll(renewing(how), [intent]);
      if (renewal?.kind !== 'renewed') throw renewal?.error;
      return renewal.submitted;
    },
    renew: (intents, how) => renewAll(renewing(how), intents),
    waitingFor: () => waiting,
    async forgetHeartbeats() {
      if (hasBeaten) await (await git()).forgetHeartbeats();
    },
    plan: (intent) => reading(async () => (await git('read')).plan(intent)),
    snapshot: (scope, how) =>
      reading(async () => {
        const isAtTip = how?.revision === undefined && how?.commit === undefined;
        return (await git(isAtTip ? 'read' : 'other')).snapshot(scope, how);
      }),
    async install(request) {
      const installed = await reading(async () =>
        (await git()).install({ ...request, branch, remote: options.remote }),
      );
      const { commit, base } = installed;
      if (commit !== undefined && base !== undefined) bases.set(commit, base);
      return installed;
    },
    async *history(from, limit) {
      yield* (await git()).history(from, limit);
    },
    async *watch(how) {
      yield* (await git('read')).watch(tips, how);
    },
    async *record(newerThanMs) {
      const commits = (await git('read')).record(newerThanMs);
      // The first of them is the one that is waited for: the remote is asked before it comes.
      const first = await reading(() => commits[Symbol.asyncIterator]().next());
      if (first.done === true) return;
      yield first.value;
      yield* commits;
    },
    beats: () => reading(async () => (await git('read')).beats()),
    taskBytes: (entry) => reading(async () => (await git()).taskBytes(entry)),
    async follow(commit, paths) {
      if (remote !== undefined && !options.sync) return { kind: 'skipped' };
      if (remote !== undefined && isElsewhere(located, branch)) return notCheckedOut(branch);
      const base = remote === undefined ? bases.get(commit) : undefined;
      return critical.run(async () => {
        at?.('following');
        const outcome = await (await git()).follow({
          branchRef: `refs/heads/${branch}`,
          to: commit,
          paths,
          sync: options.sync,
          ...given({ movedFrom: base }),
        });
        at?.('followed');
        const claim = claims.get(commit);
        if (signal.aborted && claim !== undefined) {
          at?.('giving-back');
          throw await giveBack(submitter, claim);
        }
        return toNotice(outcome, branch);
      });
    },
    async close(interrupt = signal) {
      await tips.close();
      await seeThrough([combiner, beats], { clock, interrupt, leftMs: limits.leftMs() });
      await (await opened?.catch(() => undefined))?.close();
      critical.close();
    },
  };
}

/** How this process meets others of this user, at a key; undefined: it does not. */
function meetingOf({ combine, env, clock, random }: OpenQueueOptions): (key: string | undefined) => Meet | undefined {
  if (combine !== 'all' && combine !== 'local') return () => undefined;
  let meeting: Meeting | undefined;
  return (key) => {
    if (key === undefined) return undefined;
    meeting ??= socketMeeting({ folder: runtimeFolder(env), clock, random });
    const { meet } = meeting;
    return (onPeer) => meet(key, onPeer);
  };
}

/** Which events tell that the remote has answered, or that it is others' turn; undefined: neither. */
function waitingAfter({ kind }: QueueEvent, since: number): Waiting | undefined {
  switch (kind) {
    case 'following':
    case 'queueing':
      return { what: 'turn', since };
    case 'turn':
    case 'looked':
    case 'pushed':
    case 'rejected':
      return { what: 'remote', since };
    default:
      return undefined;
  }
}

/** Told by a file, where it can be: a follower on another branch needs no git to know that its checkout stays as it is. */
function isElsewhere(located: Located | undefined, branch: string): boolean {
  return located !== undefined && located.head !== `refs/heads/${branch}`;
}

function notCheckedOut(branch: string): FollowNotice {
  return { kind: 'skipped', reason: `${branch} is not checked out here` };
}

function toNotice(outcome: FollowOutcome, branch: string): FollowNotice {
  switch (outcome.kind) {
    case 'followed':
    case 'up-to-date':
      return { kind: 'followed' };
    case 'not-on-branch':
      return notCheckedOut(branch);
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
