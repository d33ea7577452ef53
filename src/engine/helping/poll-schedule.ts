/**
 * How often to look at the remote while another machine is to carry out what this one has asked for: pure, so that each rule
 * is a row of a table test. `polling.ts` keeps the state and does the waiting.
 */

/** What the looks so far tell of the remote and of this machine. */
export interface LookTimes {
  /** How long (ms) a look takes, as a moving mean; 0: there was none. */
  readonly lookMs: number;
  /** How late (ms) timers were, as the worst of late: one that is in time by chance does not make a crowd go away. */
  readonly lateMs: number;
  /** Whether it is this machine that makes looks slow. */
  readonly host: 'free' | 'crowded';
}

/**
 * Between two looks at the remote: at least this long (ms), and longer the more are waiting. A look takes about 5 ms of git's
 * processor time and 3 of ours: with 8 ms, 50 that waited took half of a machine of two cores.
 */
const LEAST_POLL_MS = 60;
const POLL_PER_REQUEST_MS = { free: 8, crowded: 16 } as const;

/**
 * A round of the leader takes about four looks; on a busy machine everything takes long, looking itself included, and
 * every look that comes too early makes it take longer: so each wait is longer than the one before. With a constant 3
 * looks, 100 agents on 2 cores looked 7.7 times each.
 *
 * Where it is the network that makes looks take long, waiting helps nobody: the oldest is to learn soon that it leads. Of
 * 25 machines at 150 ms a request, with 4 looks the median claim took half as long again.
 */
const FIRST_POLL_IN_LOOKS = { free: 1, crowded: 4 } as const;
const POLL_GROWTH = { free: 1.25, crowded: 1.5 } as const;

/**
 * A timer that is so late (ms, and as a share of the look) tells of a machine so crowded that this is what makes the look
 * slow. On an idle one it is at most 1 to 2 late; of 100 agents on 2 cores, looks of 160 ms came with 20 to 40.
 */
const LATE_MS = 8;
const LATE_SHARE = 1 / 8;
/** Length (ms) of the timer whose lateness is measured during each look. */
export const TIMER_MS = 5;
const MOST_POLL_IN_LOOKS = 12;

/** And no longer than this (ms), however slow the remote is: whoever has its answer is to hear of it. */
const MOST_POLL_MS = 4_000;

/** What the first lateness is taken for where our own start took so long already that the machine must be crowded. */
const LATE_START_MS = 64;

/** A push takes as long as about so many looks. */
const PUSH_IN_LOOKS = 3;

/**
 * Where the machine tells how long something on it waits for a core, a wait in a crowd is so many times as long, and over as
 * soon as the crowd is gone: that is when the leader gets on, and when a look costs nobody anything. Asked so often (ms),
 * and gone when less than such a share of that time was somebody waiting. It takes less than 0.1 ms to ask.
 *
 * 100 agents on 2 cores looked 3.4 times each instead of 5.1, and did not sleep through the end.
 */
const CROWD_WAIT = 2;
export const CROWD_CHECK_MS = 250;
const CROWD_SHARE = 0.5;

/** Those who see the crowd go look again within so long (ms) for each who waits, not all at once. */
const SPREAD_PER_REQUEST_MS = 4;

/** What is known before the first look: whether our own start took so long that the machine must be crowded. */
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

/** The first look may have been under way since before we were ready, and then tells nothing: a push tells it instead. */
export function afterPush(times: LookTimes, ms: number): LookTimes {
  return { ...times, lookMs: Math.max(times.lookMs, ms / PUSH_IN_LOOKS) };
}

/**
 * How long (ms) to wait until the next look.
 * @param waiting requests on the remote
 * @param waits how often was waited before
 * @param chance from 0 to 1, so that not all look at once
 */
export function pauseBeforeLook(
  { lookMs, host }: LookTimes,
  { waiting, waits, chance }: { readonly waiting: number; readonly waits: number; readonly chance: number },
): number {
  const looks = Math.min(MOST_POLL_IN_LOOKS, FIRST_POLL_IN_LOOKS[host] * POLL_GROWTH[host] ** waits);
  const byLooks = Math.min(MOST_POLL_MS, looks * lookMs);
  return Math.max(LEAST_POLL_MS, byLooks, POLL_PER_REQUEST_MS[host] * waiting) * (0.5 + chance);
}

/** The same wait (ms) where the machine tells when its crowd is gone. */
export function pauseInCrowd(pauseMs: number): number {
  return CROWD_WAIT * pauseMs;
}

/** Whether a crowd is gone: in `elapsedMs` something was waiting for a core for `pressureMs` of it. */
export function isCrowdGone(pressureMs: number, elapsedMs: number): boolean {
  return pressureMs < CROWD_SHARE * elapsedMs;
}

/** How long (ms) somebody who sees the crowd go still waits. */
export function pauseAfterCrowd(waiting: number, chance: number): number {
  return SPREAD_PER_REQUEST_MS * waiting * chance;
}
