import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Channel, Leadership, Meet } from '../../machine/meeting.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { Tip } from '../queue/tips.ts';
import { failureToWire } from '../wire/leader-message.ts';
import { TipPoller, type TipSource } from './tip-poller.ts';
import { ALIVE_MS, parseNews, parseQuestion, type TipMessage, type TipQuestion } from './tip-wire.ts';

/** A connection to the process that looks at the branch for all processes of this machine; it may be this process. */
export interface Link {
  /**
   * A look that begins after this call. Rejects with {@link LINK_LOST} if the looking process is gone, and with
   * {@link LOOK_YOURSELF} if it does not answer within {@link ANSWER_MS}, or cannot.
   */
  look(): Promise<Tip>;
  /** A caller in this process began to wait. */
  wake(): void;
  close(): void;
}

/** Why a look was not answered: ask the process that looks now. */
export const LINK_LOST: unique symbol = Symbol('link lost');

/** Why a look was not answered: the looking process takes too long, or is itself the problem. */
export const LOOK_YOURSELF: unique symbol = Symbol('look yourself');

/** How long (ms) a look by another process may take. */
const ANSWER_MS = 10_000;

/** For how long (ms) of one look the leader says that it is alive: a look that takes longer may hang. */
const LOOK_MS = 20_000;

/**
 * After this many times {@link ALIVE_MS} of silence, the leader is avoided. The time is counted in steps, because a
 * long silence may be this process's own: it was suspended, and has not read yet what it was told meanwhile.
 */
const SILENT_STEPS = 4;

/** Most tries of a look for which this machine has no files left. Each failed try sends half of the followers away. */
const MOST_LOOKS = 10;

/** What a link needs and reports. */
export interface LinkOptions {
  /** Meets the waiting processes of this machine; undefined: this process looks for itself. */
  readonly meet: Meet | undefined;
  readonly source: TipSource;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  /** Whether any caller in this process waits. */
  isWanted(): boolean;
  onTip(tip: Tip): void;
  onTrouble(failure: Failure): void;
  /** This process was the one that looked, and cannot any more: the link is closed. */
  onFailed(error: unknown): void;
  /** The looking process is gone. */
  onLost(): void;
}

/** Connects to the process that looks already, or begins to look for all. */
export async function openLink(options: LinkOptions): Promise<Link> {
  if (!options.meet) return lead(options);
  // Channels arrive before there is a poller: they are its followers from the start.
  const followers = new Set<Channel>();
  let accept = (follower: Channel): void => void followers.add(follower);
  const met = await options.meet((follower) => accept(follower));
  options.at?.(met.kind === 'follow' ? 'listening' : 'watching');
  if (met.kind === 'follow') return follow(met.leader, options);
  return lead(options, met.kind === 'lead' ? met : undefined, followers, (accepting) => {
    accept = accepting;
  });
}

function lead(
  options: LinkOptions,
  leadership?: Leadership,
  followers = new Set<Channel>(),
  onAccept: (accept: (follower: Channel) => void) => void = () => undefined,
): Link {
  const tellAll = (message: TipMessage): void => {
    for (const follower of followers) void follower.send(message);
  };
  const poller = new TipPoller(options, () => followers.size > 0 || options.isWanted(), {
    tip(tip) {
      options.onTip(tip);
      tellAll({ kind: 'tip', tip: tip ?? null });
    },
    trouble(failure) {
      options.onTrouble(failure);
      tellAll({ kind: 'trouble', failure: failureToWire(failure) });
    },
    failed(error) {
      if (isOutOfMachine(error) && sendHalfAway()) return;
      // The cause may be our clone or our credentials: the others find out for themselves.
      close();
      options.onFailed(error);
    },
  });
  /** Each follower takes one of our files, and a look takes some too. Followers that are sent away meet others. */
  const sendHalfAway = (): boolean => {
    const leaving = [...followers].slice(0, Math.ceil(followers.size / 2));
    for (const follower of leaving) {
      followers.delete(follower);
      void follower.send({ kind: 'full' } satisfies TipMessage).then(() => follower.close());
    }
    return leaving.length > 0;
  };
  const look = async (): Promise<Tip> => {
    for (let tries = 1; ; tries++) {
      try {
        return await poller.look();
      } catch (error) {
        if (!isOutOfMachine(error) || closed.signal.aborted || tries >= MOST_LOOKS) throw error;
      }
    }
  };
  const closed = new AbortController();
  let isTelling = false;
  /** Tells followers, as long as there are any, that this process lives: after a silence they look for themselves. */
  const tellAlive = async (): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    try {
      while (followers.size > 0) {
        await options.clock.sleep(ALIVE_MS, closed.signal);
        if (poller.lookingForMs < LOOK_MS) tellAll({ kind: 'alive' });
      }
    } catch {
      // Closed.
    } finally {
      isTelling = false;
    }
  };
  const close = (): void => {
    closed.abort();
    // Leave the place first, then close: followers that lose the connection find the place free.
    leadership?.leave();
    for (const follower of followers) follower.close();
    poller.close();
  };
  const serve = (follower: Channel): void => {
    const tell = (message: TipMessage): void => void follower.send(message);
    followers.add(follower);
    if (poller.last) tell({ kind: 'tip', tip: poller.last.tip ?? null });
    follower.onMessage((value) => {
      const question = parseQuestion(value);
      if (!question) return follower.avoid();
      const { id } = question;
      look().then(
        (tip) => tell({ kind: 'looked', id, tip: tip ?? null }),
        (error: unknown) =>
          tell(
            error instanceof Failure && error.code === 'remote-unreachable'
              ? { kind: 'look-failed', id, failure: failureToWire(error) }
              : { kind: 'look-yourself', id },
          ),
      );
    });
    follower.onClose(() => followers.delete(follower));
    poller.wake();
    void tellAlive();
  };
  for (const follower of followers) serve(follower);
  onAccept(serve);
  return {
    look,
    wake: () => poller.wake(),
    close,
  };
}

function isOutOfMachine(error: unknown): boolean {
  return error instanceof Failure && error.code === 'machine-unusable';
}

function follow(leader: Channel, options: LinkOptions): Link {
  const asked = new Map<number, { resolve: (tip: Tip) => void; reject: (error: unknown) => void }>();
  let count = 0;
  let state: 'open' | 'closed' | 'lost' = 'open';
  const over = new AbortController();
  let hasHeard = false;
  leader.onMessage((value) => {
    hasHeard = true;
    const news = parseNews(value);
    switch (news?.kind) {
      case 'tip':
        return options.onTip(news.tip);
      case 'trouble':
        return options.onTrouble(news.failure);
      case 'looked':
        asked.get(news.id)?.resolve(news.tip);
        asked.delete(news.id);
        return;
      case 'look-failed':
        asked.get(news.id)?.reject(news.failure);
        asked.delete(news.id);
        return;
      case 'look-yourself':
        asked.get(news.id)?.reject(LOOK_YOURSELF);
        asked.delete(news.id);
        return;
      case 'alive':
        return;
      case 'full':
        return leader.avoid();
      default:
        return leader.avoid();
    }
  });
  const listen = async (): Promise<void> => {
    for (let silent = 0; silent < SILENT_STEPS; silent = hasHeard ? 0 : silent + 1) {
      hasHeard = false;
      await options.clock.sleep(ALIVE_MS, over.signal);
    }
    leader.avoid();
  };
  listen().catch(() => undefined);
  leader.onClose(() => {
    over.abort();
    for (const { reject } of asked.values()) reject(LINK_LOST);
    asked.clear();
    if (state === 'closed') return;
    state = 'lost';
    options.onLost();
  });
  return {
    look: () =>
      new Promise((resolve, reject) => {
        count += 1;
        if (state !== 'open') return reject(LINK_LOST);
        const id = count;
        // Answered, or rejected when the channel ends.
        asked.set(id, { resolve, reject });
        void leader.send({ kind: 'look', id } satisfies TipQuestion);
        options.clock.sleep(ANSWER_MS, over.signal).then(
          () => {
            if (asked.delete(id)) reject(LOOK_YOURSELF);
          },
          () => undefined,
        );
      }),
    wake: () => undefined,
    close() {
      state = 'closed';
      leader.close();
    },
  };
}
