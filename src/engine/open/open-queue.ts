import type { QueueEvent } from '../../domain/base/event.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import { handyCheckout } from '../../git/checkout/handy-checkout.ts';
import { type Located, locate } from '../../git/repository/locate.ts';
import type { MeetAt } from '../../machine/meet-server/meet-server.ts';
import type { Meet, Meeting } from '../../machine/meeting.ts';
import { movedHints } from '../../machine/moved-hints.ts';
import { runtimeFolder, shortKey } from '../../machine/runtime-folder.ts';
import { socketMeeting } from '../../machine/socket-meeting.ts';
import { CriticalSection } from '../base/critical-section.ts';
import type { Pending } from '../base/engine.ts';
import { Combiner } from '../combining/combiner.ts';
import type { HandOverPlan } from '../combining/hand-over-plan.ts';
import type { CarryOut } from '../combining/leader.ts';
import type { AtServer } from '../machines/at-server.ts';
import type { Machines } from '../machines/machines.ts';
import { isFolder, queueName } from '../machines/queue-name.ts';
import type { OpenQueueOptions, Waiting } from '../queue/queue.ts';
import { type MovedNews, tellingPushes, withNews } from '../waiting/moved-news.ts';
import type { TipSource } from '../waiting/tip-poller.ts';
import { TipWatch } from '../waiting/waiting.ts';
import type { FirstUse } from './early-git.ts';
import type { GitSide } from './git-side.ts';
import { Limits } from './limits.ts';
import { type MeetingPlace, meetingPlaceOf, urlForAll } from './meeting-place.ts';
import { MESSAGES_VERSION } from './messages-version.ts';
import { type LazyGit, OpenedQueue } from './opened-queue.ts';
import type { Beside } from './session.ts';

/**
 * Opens the queue that the options name. Nothing is fetched yet. If a few files tell which queue it is, no git process
 * is started either: a process that finds a leader to follow never needs one.
 * @param located what {@link locate} found; a caller that has asked gives it
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`
 */
export async function openQueue(given: OpenQueueOptions, located = locate(given.dir)): Promise<OpenedQueue> {
  const options = given.ssh === 'shared' ? await withSharedSsh(given) : given;
  const meeting = located && meetingPlaceOf(located, options.remote, options.branch, options.env);
  const server =
    options.meet && located && meeting && (await serverOf(options, options.meet, urlForAll(located, meeting.remote)));
  const machines = machinesOn(server, options);
  const surroundings = surroundingsOf(options);
  const { critical, onEvent } = surroundings;
  const news = newsOf(options, located, meeting, machines);
  const onQueueEvent = tellingPushes(onEvent, news);
  const git = lazily(async (use) => {
    const { startGitEarly: beginOpening } = await import('./early-git.ts');
    const earlyGit = beginOpening(options, critical, { use, remote: meeting?.remote, url: meeting?.url });
    const { openGitSide } = await import('./git-side.ts');
    return openGitSide({ ...options, line: server?.pushLine }, critical, onceAFile(onQueueEvent), earlyGit);
  }, server);
  const remote = meeting ? meeting.remote : (await git.open()).remote;
  return assemble(options, { git, located, remote, ...surroundings, key: meeting?.key, machines, server, news });
}

/** Opens another coordination branch of an open queue. It shares the git processes and the connections of the other. */
export function openBeside(main: OpenedQueue, beside: Beside): OpenedQueue {
  const { options: mains, git: mainGit, located, place, limits, server } = main.parts;
  const options = { ...mains, branch: beside.branch };
  const meeting = located && meetingPlaceOf(located, options.remote, beside.branch, options.env);
  const machines = machinesOn(server, options);
  const surroundings = surroundingsOf(options);
  const { critical, onEvent } = surroundings;
  const news = newsOf(options, located, meeting, machines);
  const onQueueEvent = tellingPushes(onEvent, news);
  const git = lazily(async () => {
    const side = await mainGit.open();
    return side.beside(beside, { ...options, critical, onEvent: onceAFile(onQueueEvent) });
  });
  // Whoever opened this branch as a queue of its own goes by other settings.
  const key = meeting && shortKey(['beside', meeting.key]);
  const { remote } = place;
  return assemble(options, { git, located, remote, ...surroundings, key, limits, machines, server, news });
}

function surroundingsOf(options: OpenQueueOptions) {
  return { critical: new CriticalSection(options.signal, options.clock), ...listening(options) };
}

/** What a queue is assembled from. */
interface Assembly extends ReturnType<typeof surroundingsOf> {
  readonly git: LazyGit;
  readonly located: Located | undefined;
  readonly remote: string | undefined;
  readonly machines: Machines | undefined;
  readonly server: AtServer | undefined;
  readonly news: readonly MovedNews[];
  /** Where the processes of this user meet; undefined: nowhere. */
  readonly key: string | undefined;
  /** Absent: of its own. */
  readonly limits?: Limits;
}

function assemble(options: OpenQueueOptions, assembly: Assembly): OpenedQueue {
  const { branch, clock, random, signal, at } = options;
  const { git, located, remote, key, critical, machines, server, news, onEvent, silence, waitingFor } = assembly;
  const meetFor = meetingOf(options);
  let renewedBy: 'commit' | 'ref' | undefined;
  let firstRequest: string | undefined;
  const handing = {
    handOver: async (plan: HandOverPlan) => (await git.open()).handOver(plan),
    // A process that goes on to work follows the newest of many commits, and its checkout is elsewhere by then.
    head: ({ request }: Intent) => {
      firstRequest ??= request;
      if (request !== firstRequest || !options.sync || remote === undefined || located === undefined) return undefined;
      return handyCheckout(located, `refs/heads/${branch}`, options)?.head;
    },
  };
  const combinerOf = (what: 'heartbeats' | 'anything', place: string | undefined): Combiner => {
    const carryOut: CarryOut = async (source, group, cut) =>
      (await git.open('carry-out')).carrier.carryOut(source, group, cut, what);
    const lookUp = async (pending: Pending) => (await git.open()).carrier.lookUp(pending);
    const together = machines?.together(what, { carryOut, lookUp, critical, at });
    return new Combiner({
      meet: meetFor(place),
      carryOut: (source, group, cut) => {
        // Who renews by refs looks at the branch, and pushes nothing that a leader elsewhere could push along.
        const isAlone = what === 'heartbeats' && renewedBy === 'ref';
        return together === undefined || isAlone ? carryOut(source, group, cut) : together.carryOut(source, group, cut);
      },
      lookUp,
      clock,
      signal,
      critical,
      othersRunning: options.othersRunning,
      ...(what === 'heartbeats' ? {} : handing),
      at,
      onEvent,
    });
  };
  const watchTip: TipSource['watch'] = async (onHint) =>
    withNews((await git.open('read')).tipSource.watch(onHint), news, onHint);
  const tips = tipWatchOf(options, meetFor(key && shortKey(['tips', key])), {
    look: async (hasMoved) => (await git.open('read')).tipSource.look(hasMoved),
    watch: watchTip,
  });
  return new OpenedQueue({
    options,
    place: { branch, remote },
    located,
    tips,
    watchTip,
    limits: assembly.limits ?? new Limits(options, silence),
    critical,
    submitter: {
      carryOutAlone: async (intent) => (await git.open()).carryOutAlone(intent),
      clock,
      random,
      signal,
      critical,
      at,
      silence,
    },
    combiners: {
      intents: combinerOf('anything', key),
      heartbeats: combinerOf('heartbeats', key && shortKey(['heartbeats', key])),
    },
    git,
    server,
    heard(outcome) {
      if (outcome.kind === 'renewed') renewedBy = outcome.by ?? 'commit';
      else if (outcome.kind === 'claimed') renewedBy ??= outcome.pool?.heartbeat;
    },
    waitingFor,
    meet: (what) => meetFor(key && shortKey([what, key])),
  });
}

/** Waits for tips that the source shows, together with the processes that meet there. */
export function tipWatchOf(options: OpenQueueOptions, meet: Meet | undefined, source: TipSource): TipWatch {
  const { clock, random, at, signal, onEvent } = options;
  return new TipWatch({
    meet,
    source,
    clock,
    random,
    at,
    signal,
    onTrouble: ({ message }) => onEvent({ kind: 'warning', message: `${message}; still waiting` }),
  });
}

/** Where machines meet. Without a remote there are no others. */
async function serverOf(
  { pushLimit, clock, random, onEvent }: OpenQueueOptions,
  at: MeetAt,
  url: string | undefined,
): Promise<AtServer | undefined> {
  if (url === undefined) return undefined;
  const { AtServer } = await import('../machines/at-server.ts');
  const remote = queueName(url);
  const keyOf = (branch: string): string => shortKey(['queue', MESSAGES_VERSION, remote, branch]);
  return new AtServer({ at, keyOf, remoteKey: shortKey(['remote', remote]), pushLimit, clock, random, onEvent });
}

/** The machines that meet there for the queue's branch, if they may carry out our intents and we theirs. */
function machinesOn(server: AtServer | undefined, { combine, branch }: OpenQueueOptions): Machines | undefined {
  return combine === 'all' || combine === 'remote' ? server?.on(branch) : undefined;
}

/** How others learn of a push: machines at the server where they meet, and the processes of this user by a file. */
function newsOf(
  { branch, combine, env, clock }: OpenQueueOptions,
  located: Located | undefined,
  meeting: MeetingPlace | undefined,
  machines: Machines | undefined,
): readonly MovedNews[] {
  const news: MovedNews[] = machines === undefined ? [] : [machines.news];
  const url = located && meeting?.remote && (urlForAll(located, meeting.remote) ?? meeting.url);
  // A folder shows by its own files that the branch has moved.
  if (url === undefined || isFolder(url) || (combine !== 'all' && combine !== 'local')) return news;
  const hints = movedHints(() => runtimeFolder(env), clock);
  const key = (): string => shortKey(['moved', queueName(url), branch]);
  return [...news, { tell: () => hints.tell(key()), listen: (onHint) => hints.listen(key(), onHint) }];
}

async function withSharedSsh(options: OpenQueueOptions): Promise<OpenQueueOptions> {
  const { sharedSsh } = await import('../../machine/shared-ssh.ts');
  return { ...options, env: { ...options.env, ...sharedSsh(options.env) } };
}

/** Passes events on, and learns from them whether the remote answers and what the queue waits for. */
function listening({ clock, onEvent }: OpenQueueOptions) {
  let silence: string | undefined;
  let waiting: Waiting | undefined;
  return {
    /** Why the remote has not answered so far, in its own words; undefined if it has. */
    silence: () => silence,
    waitingFor: () => waiting,
    onEvent(event: QueueEvent): void {
      if (event.kind === 'retrying') silence = event.unreachable === true ? event.reason : undefined;
      else if (event.kind === 'looked') silence = undefined;
      waiting = waitingAfter(event, clock.now()) ?? waiting;
      onEvent(event);
    },
  };
}

/** Opens the git side at most once, when it is first needed. */
function lazily(open: (use: FirstUse) => Promise<GitSide>, beside?: { close(): Promise<void> }): LazyGit {
  let opened: Promise<GitSide> | undefined;
  return {
    open(use = 'other') {
      opened ??= open(use);
      return opened;
    },
    opened: () => opened,
    async close() {
      await Promise.all([opened?.catch(() => undefined).then((side) => side?.close()), beside?.close()]);
    },
  };
}

/** How this process meets others of this user at a key; undefined: it does not. */
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

/** What the queue waits for after the event: the remote, or its turn. Undefined: the event does not tell. */
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

/** Every attempt reads the same unreadable files again, but the user is told about each only once. */
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
