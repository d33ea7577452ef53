import type { LookTimes } from './poll-schedule.ts';
import { isReadable, type Request } from './request-ref.ts';

/** When to take over from a leader that is silent: pure, as `poll-schedule.ts`. */

/** A leader that has done nothing for so long (ms) is taken for dead; within, it depends on how fast the remote is. */
const LEAST_SILENCE_MS = 1_500;
const MOST_SILENCE_MS = 10_000;

/**
 * Leading takes a look, a fetch, a push and what lies between: about four looks. Silence is four of those. In
 * a crowd the leader gets a fiftieth of a core while it reads and builds: 100 agents on 2 cores took over from three that
 * were alive, for nothing.
 */
const SILENCE_IN_LOOKS = { free: 16, crowded: 28 } as const;

/** Those behind the oldest take over one after the other; from this one on all alike. */
const RANKS = 4;

/**
 * How long (ms) the leader must have been silent before we lead in its place. Those behind take over one after the other, and
 * by chance, so that not all of them push at once.
 * @param ahead requests before ours, at least 1
 * @param chance from 0 to 1
 */
export function takeOverAfter({ lookMs, host }: LookTimes, ahead: number, chance: number): number {
  const silence = Math.min(MOST_SILENCE_MS, Math.max(LEAST_SILENCE_MS, SILENCE_IN_LOOKS[host] * lookMs));
  return silence * (1 + (ahead - 1) / 2 + chance / 2);
}

/**
 * The requests before ours, as far as it matters how many there are: no name is decoded beyond those.
 * @returns undefined where ours is not among them
 */
export function requestsAhead(
  requests: readonly Request[],
  isOurs: (request: Request) => boolean,
): readonly Request[] | undefined {
  const rank = requests.findIndex(isOurs);
  if (rank < 0) return undefined;
  const ahead: Request[] = [];
  for (const request of requests.slice(0, rank)) {
    if (ahead.length === RANKS) break;
    if (isReadable(request)) ahead.push(request);
  }
  return ahead;
}
