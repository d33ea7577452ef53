import { join } from 'node:path';
import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';
import { listenExclusively } from '../../machine/socket.ts';

/**
 * Pause (ms) between two rounds of looking for a free seat; it doubles each time. A look at 20 seats takes a process 5
 * ms, so that 100 waiting processes without growing pauses would keep the cores busy that the pushing ones need.
 */
const PAUSE = { first: 40, most: 500 } as const;

/** How often (ms) a waiting process reports that it waits. */
const SAY_EVERY_MS = 20_000;

/** Where a machine's seats for one remote are, and how many there are. */
export interface Seats {
  /** The runtime folder; undefined: none can be had, so there is no limit. */
  readonly folder: string | undefined;
  /** Stands for the remote. */
  readonly key: string;
  readonly count: number;
  /** Additional seats that nobody else may take; absent: none. */
  readonly reserved?: number;
}

/** What waiting for a seat works with. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Randomness;
  /** The process is interrupted. */
  readonly signal: AbortSignal;
  onEvent(event: QueueEvent): void;
}

/**
 * Lets at most `seats.count` processes of this user push to the remote at once. (In the old scale guide's semaphore of
 * 20, a killed process kept its seat forever.) A seat is a socket on which its holder listens, so it is free as soon
 * as the holder is gone, however it went. The signal of the push ends the wait too.
 */
export function withPushLimit(upstream: Upstream, seats: Seats, surroundings: Surroundings): Upstream {
  return {
    ...upstream,
    async push(updates, options) {
      const leave = await takeSeat(seats, surroundings, options?.signal);
      if (leave === undefined) return { kind: 'transient', words: 'interrupted while waiting for others to push' };
      try {
        return await upstream.push(updates, options);
      } finally {
        leave();
      }
    },
  };
}

function takeSeat(
  seats: Seats,
  surroundings: Surroundings,
  own: AbortSignal | undefined,
): Promise<(() => void) | undefined> {
  return waitForTurn(surroundings, own, {
    look: () => freeSeat(seats, surroundings.random),
    words: `${seats.count} other processes of this machine are pushing`,
    longestMs: Number.POSITIVE_INFINITY,
  });
}

/** What is waited for. */
export interface Waited {
  /** @returns the function that ends our turn */
  look(): Promise<(() => void) | 'none'>;
  /** Whom we wait for. */
  readonly words: string;
  /** After this long (ms) the wait ends. */
  readonly longestMs: number;
}

/**
 * Looks again and again, ever less often, until it is our turn, and says so while it takes long.
 * @param own ends the wait, as an interrupt does
 * @returns the function that ends our turn; undefined if we are interrupted before it comes
 */
export async function waitForTurn(
  { clock, random, signal: interrupt, onEvent }: Surroundings,
  own: AbortSignal | undefined,
  { look, words, longestMs }: Waited,
): Promise<(() => void) | undefined> {
  // A push after an interrupt takes something back: it need not stand in line.
  if (interrupt.aborted) return () => undefined;
  const signal = own === undefined ? interrupt : AbortSignal.any([interrupt, own]);
  const since = clock.now();
  let said = 0;
  let hasWaited = false;
  for (let pause: number = PAUSE.first; !signal.aborted; pause = Math.min(pause * 2, PAUSE.most)) {
    const turn = await look();
    const waitedMs = clock.now() - since;
    if (turn !== 'none' || waitedMs >= longestMs) {
      if (hasWaited) onEvent({ kind: 'turn', elapsedMs: waitedMs });
      return turn === 'none' ? () => undefined : turn;
    }
    if (!hasWaited) onEvent({ kind: 'queueing' });
    hasWaited = true;
    if (waitedMs >= (said + 1) * SAY_EVERY_MS) {
      said++;
      const seconds = Math.round(waitedMs / 1000);
      onEvent({ kind: 'warning', message: `waiting to push for ${seconds}s: ${words}` });
    }
    await clock.sleep(Math.round(pause * (0.5 + random.next())), signal).catch(() => undefined);
  }
  return undefined;
}

/** @returns the function that gives the seat back */
async function freeSeat(
  { folder, key, count, reserved = 0 }: Seats,
  random: Randomness,
): Promise<(() => void) | 'none'> {
  if (folder === undefined) return () => undefined;
  // A random start: processes that start together do not all try the same seats.
  const start = Math.floor(random.next() * count);
  for (let i = -reserved; i < count; i++) {
    const path = join(folder, i < 0 ? `${key}.seat-r${-i}` : `${key}.seat-${(start + i) % count}`);
    const seat = await listenExclusively(path, (socket) => socket.destroy());
    if (seat.kind === 'listening') return () => seat.close();
    // No sockets here (a read-only or full folder, a file system without them, no files left): better no limit than no
    // push.
    if (seat.kind === 'impossible') return () => undefined;
  }
  return 'none';
}
