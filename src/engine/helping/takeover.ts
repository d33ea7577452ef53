import type { LookTimes } from './poll-schedule.ts';
import { isReadable, type Request } from './request-ref.ts';

/** When to take over from a silent leader. Pure, like `poll-schedule.ts`. */

/** Bounds (ms) of the silence after which a leader is taken for dead. Between them it depends on the remote's speed. */
const LEAST_SILENCE_MS = 1_500;
const MOST_SILENCE_MS = 10_000;

/**
 * Leading takes a look, a fetch, a push and the work between them: about four looks. Silence is four times that. In a
 * crowd the leader gets a fiftieth of a core while it reads and builds: 100 agents on 2 cores took over from three
 * leaders that were alive, for nothing.
 */
const SILENCE_IN_LOOKS = { free: 16, crowded: 28 } as const;

/** Requests behind the oldest take over one after another. From this rank on, all are treated alike. */
const RANKS = 4;

/**
 * How long (ms) the leader must have been silent before we lead in its place. Requests behind the oldest take over one
 * after another, with some chance, so that not all of them push at once.
 * @param ahead number of requests before ours, at least 1
 * @param chance random, from 0 to 1
 */
export function takeOverAfter({ lookMs, host }: LookTimes, ahead: number, chance: number): number {
  const silence = Math.min(MOST_SILENCE_MS, Math.max(LEAST_SILENCE_MS, SILENCE_IN_LOOKS[host] * lookMs));
  return silence * (1 + (ahead - 1) / 2 + chance / 2);
}

/**
 * The requests before ours, at most as many as matter: no name is decoded beyond those.
 * @returns undefined if ours is not among the requests
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
