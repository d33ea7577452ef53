import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { Engine } from '../base/engine.ts';
import { isReadable, type Request } from './request-ref.ts';

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
const TIMER_MS = 5;
const MOST_POLL_IN_LOOKS = 12;

/** And no longer than this (ms), however slow the remote is: who is served is to hear of it. */
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
const CROWD_CHECK_MS = 250;
const CROWD_SHARE = 0.5;

/** Those who see the crowd go look again within so long (ms) for each who waits, not all at once. */
const SPREAD_PER_REQUEST_MS = 4;

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

/** When to look again, and when to take over from a leader that is silent. */
export class Patience {
  readonly #clock: Clock;
  readonly #random: Randomness;
  readonly #stalledMs: () => number | undefined;
  #lookMs = 0;
  #host: 'free' | 'crowded';
  /** How late timers were, as the worst of late (ms): one that is in time by chance does not make a crowd go away. */
  #lateMs: number;
  #waits = 0;
  #seen = '';
  #progressAt: number;

  constructor({ clock, random, host, stalledMs }: Pick<Engine, 'clock' | 'random' | 'host' | 'stalledMs'>) {
    this.#clock = clock;
    this.#random = random;
    this.#stalledMs = stalledMs ?? (() => undefined);
    this.#host = host;
    this.#lateMs = host === 'crowded' ? LATE_START_MS : 0;
    this.#progressAt = clock.now();
  }

  /** Looks, and takes the time: how long a look takes, and why, is the measure of everything else. */
  async timed<T>(look: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.now();
    const over = new AbortController();
    let lateMs = 0;
    this.#clock.sleep(TIMER_MS, over.signal).then(
      () => {
        lateMs = this.#clock.now() - startedAt - TIMER_MS;
      },
      () => undefined,
    );
    try {
      return await look();
    } finally {
      over.abort();
      const ms = this.#clock.now() - startedAt;
      this.#lateMs = Math.max(lateMs, this.#lateMs / 2);
      this.#host = this.#lateMs > Math.max(LATE_MS, LATE_SHARE * ms) ? 'crowded' : 'free';
      this.#lookMs = this.#lookMs === 0 ? ms : (3 * this.#lookMs + ms) / 4;
    }
  }

  /** The first look may have been under way since before we were ready, and then tells nothing: a push tells it instead. */
  async timedPush<T>(push: Promise<T>, hasPushed: (result: T) => boolean): Promise<T> {
    const startedAt = this.#clock.now();
    const result = await push;
    if (hasPushed(result)) this.#lookMs = Math.max(this.#lookMs, (this.#clock.now() - startedAt) / PUSH_IN_LOOKS);
    return result;
  }

  /** Somebody was seen at work, or the wait begins. */
  noteProgress(): void {
    this.#progressAt = this.#clock.now();
  }

  /**
   * Whether we are to lead: ours is the oldest request, or whoever should lead has been silent. Those behind take over
   * one after the other, and by chance, so that not all of them push at once.
   */
  isOurTurn(requests: readonly Request[], isOurs: (request: Request) => boolean, tip: string): boolean {
    const ahead = aheadOf(requests, isOurs);
    if (ahead === undefined) return false;
    const [oldest] = ahead;
    if (oldest === undefined) return true;
    const seen = `${tip} ${oldest.ref}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.noteProgress();
    }
    const silence = Math.min(MOST_SILENCE_MS, Math.max(LEAST_SILENCE_MS, SILENCE_IN_LOOKS[this.#host] * this.#lookMs));
    const turn = silence * (1 + (ahead.length - 1) / 2 + this.#random.next() / 2);
    return this.#clock.now() - this.#progressAt > turn;
  }

  /** Sleeps until the next look; ends early when aborted, without throwing. */
  async wait(waiting: number, signal: AbortSignal): Promise<void> {
    const looks = Math.min(
      MOST_POLL_IN_LOOKS,
      FIRST_POLL_IN_LOOKS[this.#host] * POLL_GROWTH[this.#host] ** this.#waits++,
    );
    const byLooks = Math.min(MOST_POLL_MS, looks * this.#lookMs);
    const base = Math.max(LEAST_POLL_MS, byLooks, POLL_PER_REQUEST_MS[this.#host] * waiting);
    const ms = base * (0.5 + this.#random.next());
    const stalledMs = this.#host === 'crowded' ? this.#stalledMs() : undefined;
    if (stalledMs === undefined) await this.#sleep(ms, signal);
    else await this.#sleepInCrowd(CROWD_WAIT * ms, stalledMs, waiting, signal);
  }

  async #sleepInCrowd(ms: number, stalledMs: number, waiting: number, signal: AbortSignal): Promise<void> {
    const until = this.#clock.now() + ms;
    let [before, checkedAt] = [stalledMs, this.#clock.now()];
    while (!signal.aborted && this.#clock.now() < until) {
      await this.#sleep(Math.min(CROWD_CHECK_MS, until - this.#clock.now()), signal);
      const [after, now] = [this.#stalledMs() ?? before, this.#clock.now()];
      if (after - before < CROWD_SHARE * (now - checkedAt)) {
        const spread = SPREAD_PER_REQUEST_MS * waiting * this.#random.next();
        return this.#sleep(Math.max(0, Math.min(spread, until - now)), signal);
      }
      [before, checkedAt] = [after, now];
    }
  }

  /** Ends early when aborted, without throwing. */
  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(Math.round(ms), signal).catch(() => undefined);
  }
}

/**
 * The requests before ours, as far as it matters how many there are: no name is decoded beyond those.
 * @returns undefined where ours is not among them
 */
function aheadOf(requests: readonly Request[], isOurs: (request: Request) => boolean): readonly Request[] | undefined {
  const rank = requests.findIndex(isOurs);
  if (rank < 0) return undefined;
  const ahead: Request[] = [];
  for (const request of requests.slice(0, rank)) {
    if (ahead.length === RANKS) break;
    if (isReadable(request)) ahead.push(request);
  }
  return ahead;
}
