import type { Socket } from 'node:net';
import type { Clock, Randomness } from '../../domain/clock.ts';
import type { Failure } from '../../domain/failure.ts';
import { failureToWire } from '../combining/leader-message.ts';
import { connect, listenExclusively } from '../combining/socket.ts';
import { onMessage } from '../combining/wire.ts';
import { type Tip, TipPoller, type TipSource } from './tip-poller.ts';
import { parseNews, parseQuestion, tell } from './tip-wire.ts';

/** A connection to whoever looks at the branch for all processes on this machine; that may be this process. */
export interface Link {
  /** A look that begins after this call. Rejects with {@link LINK_LOST} where whoever looks is gone. */
  look(): Promise<Tip>;
  /** Somebody here began to wait. */
  wake(): void;
  close(): void;
}

/** Why a look that was asked for was not answered: ask whoever looks now. */
export const LINK_LOST: unique symbol = Symbol('link lost');

/** What a link needs and tells. */
export interface LinkOptions {
  /** Where the processes of this machine meet; undefined: this process looks for itself. */
  readonly socketPath: string | undefined;
  readonly source: TipSource;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Whether anybody in this process waits. */
  isWanted(): boolean;
  onTip(tip: Tip): void;
  onTrouble(failure: Failure): void;
  /** This process looked, and cannot any more: the link is closed. */
  onFailed(error: unknown): void;
  /** Whoever looked is gone. */
  onLost(): void;
}

/** Connects to whoever looks already, or begins to look for all. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { socketPath } = options;
  if (socketPath === undefined) return lead(options);
  for (;;) {
    const socket = await connect(socketPath);
    if (socket) return follow(socket, options);
    // Connections are taken before there is a poller: they are its followers from the start.
    const followers = new Set<Socket>();
    let accept = (socket: Socket): void => void followers.add(socket);
    const listening = await listenExclusively(socketPath, (connection) => accept(connection));
    if (listening.kind === 'taken') continue;
    return lead(options, listening.kind === 'listening' ? listening : undefined, followers, (accepting) => {
      accept = accepting;
    });
  }
}

function lead(
  options: LinkOptions,
  listening?: { close(): void },
  followers = new Set<Socket>(),
  onAccept: (accept: (socket: Socket) => void) => void = () => undefined,
): Link {
  const tellAll = (message: Parameters<typeof tell>[1]): void => {
    for (const socket of followers) tell(socket, message);
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
      // It may be our clone or our credentials: the others find out for themselves.
      close();
      options.onFailed(error);
    },
  });
  const close = (): void => {
    // First out of the way, then away: whoever loses the connection finds the place free.
    listening?.close();
    for (const socket of followers) socket.destroy();
    poller.close();
  };
  const serve = (socket: Socket): void => {
    followers.add(socket);
    if (poller.last) tell(socket, { kind: 'tip', tip: poller.last.tip ?? null });
    onMessage(socket, (value) => {
      const question = parseQuestion(value);
      if (!question) return socket.destroy();
      const { id } = question;
      return poller.look().then(
        (tip) => tell(socket, { kind: 'looked', id, tip: tip ?? null }),
        (error: unknown) => tell(socket, { kind: 'look-failed', id, failure: failureToWire(error) }),
      );
    });
    socket.on('close', () => followers.delete(socket));
    poller.wake();
  };
  for (const socket of followers) serve(socket);
  onAccept(serve);
  return {
    look: () => poller.look(),
    wake: () => poller.wake(),
    close,
  };
}

function follow(socket: Socket, options: LinkOptions): Link {
  const asked = new Map<number, { resolve: (tip: Tip) => void; reject: (error: unknown) => void }>();
  let count = 0;
  let isClosed = false;
  onMessage(socket, (value) => {
    const news = parseNews(value);
    switch (news?.kind) {
      case 'tip':
        return options.onTip(news.tip);
      case 'trouble':
        return options.onTrouble(news.failure);
      case 'looked':
        asked.get(news.id)?.resolve(news.tip);
        return asked.delete(news.id);
      case 'look-failed':
        asked.get(news.id)?.reject(news.failure);
        return asked.delete(news.id);
      default:
        return socket.destroy();
    }
  });
  socket.on('close', () => {
    for (const { reject } of asked.values()) reject(LINK_LOST);
    asked.clear();
    if (!isClosed) options.onLost();
  });
  return {
    look: () =>
      new Promise((resolve, reject) => {
        count += 1;
        if (socket.closed) reject(LINK_LOST);
        // Answered, or rejected when the connection closes.
        else asked.set(count, { resolve, reject });
        tell(socket, { kind: 'look', id: count });
      }),
    wake: () => undefined,
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
}
