import { join } from 'node:path';
import type { Clock, Randomness } from '../domain/clock.ts';
import type { Upstream } from '../git/upstream.ts';
import { listenExclusively } from '../machine/socket.ts';

/** Between two rounds of looking for a free seat (ms). */
const RETRY_MS = 40;

/** Where a machine's seats for one remote are, and how many. */
export interface Seats {
  /** The runtime folder; undefined: there is none to be had, and so no limit. */
  readonly folder: string | undefined;
  /** Stands for the remote. */
  readonly key: string;
  readonly count: number;
}

/** What waiting for a seat works with. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Randomness;
  /** The process is interrupted. */
  readonly signal: AbortSignal;
}

/**
 * Lets at most so many processes of this user push to the remote at once (the old scale guide's semaphore of 20, whose
 * seats a killed process kept for ever). A seat is a socket that its holder listens on, so it is free as soon as the
 * holder is gone, however it went.
 */
export function withPushLimit(upstream: Upstream, seats: Seats, surroundings: Surroundings): Upstream {
  return {
    ...upstream,
    async push(updates, options) {
      const leave = await takeSeat(seats, surroundings);
      if (leave === undefined) return { kind: 'transient', words: 'interrupted while waiting for others to push' };
      try {
        return await upstream.push(updates, options);
      } finally {
        leave();
      }
    },
  };
}

/** @returns what gives the seat back; undefined where we are interrupted before there is one. */
async function takeSeat(
  { folder, key, count }: Seats,
  { clock, random, signal }: Surroundings,
): Promise<(() => void) | undefined> {
  // What is pushed after an interrupt takes something back: it need not stand in line.
  if (folder === undefined || signal.aborted) return () => undefined;
  for (;;) {
    // Beginning anywhere: processes that start together do not all try the same seats.
    const start = Math.floor(random.next() * count);
    for (let i = 0; i < count; i++) {
      const path = join(folder, `${key}.seat-${(start + i) % count}`);
      const seat = await listenExclusively(path, (socket) => socket.destroy());
      if (seat.kind === 'listening') return () => seat.close();
      // No sockets here (a read-only or full folder, a file system without them): better no limit than no push.
      if (seat.kind === 'impossible') return () => undefined;
    }
    await clock.sleep(Math.round(RETRY_MS * (0.5 + random.next())), signal).catch(() => undefined);
    if (signal.aborted) return undefined;
  }
}
