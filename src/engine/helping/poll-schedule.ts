/**
 * How often to look at the remote while waiting for another machine to carry out our requests. It is pure, so that each
 * rule is a row of a table test. `polling.ts` keeps the state and does the waiting.
 */

/** What the looks so far tell about the remote and this machine. */
export interface LookTimes {
  /** How long (ms) a look takes, as a moving mean; 0: there was no look yet. */
  readonly lookMs: number;
  /** How late (ms) timers were, at worst lately: one that is on time by chance does not mean that a crowd is gone. */
  readonly lateMs: number;
  /** Whether this machine is the reason for slow looks. */
  readonly host: 'free' | 'crowded';
}

/**
 * Shortest wait (ms) between two looks at the remote, and the time (ms) that each waiting request adds. A look takes
 * about 5 ms of git's processor time and 3 of ours: with 8 ms, 50 waiting processes took half of a machine with two
 * cores.
 */
const LEAST_POLL_MS = 60;
const POLL_PER_REQUEST_MS = { free: 8, crowded: 16 } as const;

/**
 * A round of the leader takes about four looks. On a busy machine everything takes long, looks included, and every look
 * that comes too early makes it take longer. So each wait is longer than the one before. With a constant 3 looks, 100
 * agents on 2 cores looked 7.7 times each.
 *
 * If the network makes looks slow, a long wait helps nobody: the oldest should learn soon that it leads. With 25
 * machines at 150 ms per request, the median claim took half as long again with 4 looks.
 */
const FIRST_POLL_IN_LOOKS = { free: 1, crowded: 4 } as const;
const POLL_GROWTH = { free: 1.25, crowded: 1.5 } as const;

/**
 * A timer that is this late (ms, and as a share of the look) shows that the look is slow because the machine is
 * crowded. On an idle machine it is at most 1 to 2 ms late. With 100 agents on 2 cores, looks of 160 ms came with 20 to
 * 40 ms.
 */
const LATE_MS = 8;
const LATE_SHARE = 1 / 8;
/** Length (ms) of the timer whose lateness is measured during each look. */
export const TIMER_MS = 5;
const MOST_POLL_IN_LOOKS = 12;

/** Longest wait (ms), however slow the remote is: a process whose answer is there must hear of it. */
const MOST_POLL_MS = 4_000;

/** The first lateness (ms) that we assume if our own start took so long that the machine must be crowded. */
const LATE_START_MS = 64;

/** A push takes about as long as this many looks. */
const PUSH_IN_LOOKS = 3;

/**
 * If the machine reports processor pressure, a wait in a crowd is `CROWD_WAIT` times as long, and ends as soon as the
 * crowd is gone: then the leader makes progress, and a look costs nobody anything. The pressure is checked every
 * `CROWD_CHECK_MS`, which takes less than 0.1 ms. The crowd is gone when something waited for a core for less than
 * `CROWD_SHARE` of that time.
 *
 * 100 agents on 2 cores looked 3.4 times each instead of 5.1, and did not sleep through the end.
 */
const CROWD_WAIT = 2;
export const CROWD_CHECK_MS = 250;
const CROWD_SHARE = 0.5;

/** After a crowd, the next looks are spread over this time (ms) per waiting request, so that not all look at once. */
const SPREAD_PER_REQUEST_MS = 4;

/** What is known before the first look. `crowded`: our own start took so long that the machine must be crowded. */
export function beforeLooking(host: LookTimes['host']): LookTimes {
  return { lookMs: 0, lateMs: host === 'crowded' ? LATE_START_MS : 0, host };
}

/** @param look how long it took (ms), and how late its timer was (ms) */
export function afterLook(times: LookTimes, look: { readonly ms: number; readonly lateMs: number }): LookTimes {
  const lateMs = Math.max(look.lateMs, times.lateMs / 2);
  return {
    lookMs: times.lookMs === 0 ? look.ms : (3 * times.lookMs + look.ms) / 4,
    lateMs,
    host: lateMs > Math.max(LATE_MS, LATE_SHARE * look.ms) ? 'crowded' : 'free',
  };
}

/** The first look may have begun before we were ready, and then its time tells nothing: the time of a push does. */
export function afterPush(times: LookTimes, ms: number): LookTimes {
  return { ...times, lookMs: Math.max(times.lookMs, ms / PUSH_IN_LOOKS) };
}

/**
 * How long (ms) to wait until the next look.
 * @param waiting number of requests on the remote
 * @param waits number of waits so far
 * @param chance random, from 0 to 1, so that not all look at once
 */
export function pauseBeforeLook(
  { lookMs, host }: LookTimes,
  { waiting, waits, chance }: { readonly waiting: number; readonly waits: number; readonly chance: number },
): number {
  const looks = Math.min(MOST_POLL_IN_LOOKS, FIRST_POLL_IN_LOOKS[host] * POLL_GROWTH[host] ** waits);
  const byLooks = Math.min(MOST_POLL_MS, looks * lookMs);
  return Math.max(LEAST_POLL_MS, byLooks, POLL_PER_REQUEST_MS[host] * waiting) * (0.5 + chance);
}

/** The same wait (ms) on a machine that tells when its crowd is gone. */
export function pauseInCrowd(pauseMs: number): number {
  return CROWD_WAIT * pauseMs;
}

/** Whether a crowd is gone, if something waited for a core during `pressureMs` of `elapsedMs`. */
export function isCrowdGone(pressureMs: number, elapsedMs: number): boolean {
  return pressureMs < CROWD_SHARE * elapsedMs;
}

/** How long (ms) to wait after the crowd is gone. */
export function pauseAfterCrowd(waiting: number, chance: number): number {
  return SPREAD_PER_REQUEST_MS * waiting * chance;
}
