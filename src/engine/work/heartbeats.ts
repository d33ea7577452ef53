import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { formatDuration } from '../../domain/base/duration.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { HeartbeatIntent } from '../../domain/intents/intent.ts';
import type { Renewal } from '../queue/renewal.ts';
import type { WorkEvent } from './events.ts';
import { isClaimGone, pauseAfter, questionIn, wordsOf } from './faults.ts';
import type { Lease } from './lease.ts';
import type { WorkQueue } from './work-queue.ts';

export interface HeartbeatsOptions {
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Time (ms) between two beats; undefined: a third of the pool's limit. */
  readonly intervalMs: number | undefined;
  onEvent(event: WorkEvent): void;
}

/** Beats within the time after which a claim is stalled: two may fail. */
const BEATS_IN_LIMIT = 3;

/** Timers overflow at 25 days, and a limit may be longer. */
const LONGEST_SLEEP_MS = 3_600_000;

/**
 * Renews the claims of all agents of a process in one beat, and so in one commit. Beats come at a fixed interval,
 * however many agents there are and whenever they began.
 *
 * A claim that turns out to be gone ends its lease. A failed beat is tried again. It ends the lease only when the claim
 * has not been renewed for so long that others may have taken it.
 */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #leases = new Set<Lease>();
  #next = 0;
  #failures = 0;
  #beating: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  /** Whether somebody looks after new leases. It ends at the very moment when there are none, a promise only later. */
  #isRunning = false;
  #alarm = new AbortController();

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  /** Renews the lease from now on. */
  hold(lease: Lease): void {
    this.#leases.add(lease);
    if (this.#isRunning) {
      this.#wake();
      return;
    }
    this.#next = this.#options.clock.now() + this.#interval();
    this.#running = this.#run();
  }

  /** Stops renewing the lease. */
  drop(lease: Lease): void {
    this.#leases.delete(lease);
    this.#wake();
  }

  /** Resolves when no beat is under way any more; every lease must have been dropped. */
  async stopped(): Promise<void> {
    await this.#running;
    await this.#beating;
  }

  #interval(): number {
    return this.#options.intervalMs ?? shareOfLimit(this.#leases);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    this.#isRunning = true;
    while (this.#leases.size > 0) {
      this.#alarm = new AbortController();
      const now = clock.now();
      this.#expire(now);
      const due = this.#due(now, this.#interval());
      if (this.#beating === undefined && now >= this.#next) {
        if (due.length === 0) this.#next = this.#afterThis(now, this.#interval());
        else {
          this.#beating = this.#beat(due).finally(() => {
            this.#beating = undefined;
            this.#wake();
          });
        }
      }
      const beat = this.#beating === undefined ? this.#next : Number.POSITIVE_INFINITY;
      const wakeAt = Math.min(beat, ...[...this.#leases].map(({ expiresAt }) => expiresAt));
      if (this.#leases.size === 0) break;
      const rest = Math.min(Math.max(0, wakeAt - now), LONGEST_SLEEP_MS);
      await clock.sleep(rest, this.#alarm.signal).catch(() => undefined);
    }
    this.#isRunning = false;
  }

  #wake(): void {
    this.#alarm.abort();
  }

  #afterThis(now: number, interval: number): number {
    return this.#next + interval > now ? this.#next + interval : now + interval;
  }

  /**
   * The leases to renew now. A new one can wait for the next beat, unless half of its time would have passed by then.
   */
  #due(now: number, interval: number): Lease[] {
    return [...this.#leases].filter((lease) => {
      const age = lease.ageAt(now);
      return age > interval / 2 || age + interval > lease.settings.stalledAfterMs / 2;
    });
  }

  #expire(now: number): void {
    for (const lease of this.#leases) {
      if (now < lease.expiresAt) continue;
      this.#leases.delete(lease);
      const limit = formatDuration(lease.settings.stalledAfterMs);
      lease.expired(`no heartbeat could be sent for ${limit}, others may have the task by now`);
    }
  }

  async #beat(leases: readonly Lease[]): Promise<void> {
    const { queue, clock, random, onEvent } = this.#options;
    const startedAt = clock.now();
    const over = new AbortController();
    const tooLong = new AbortController();
    const interval = this.#interval();
    void this.#untilTooLong(leases, startedAt, over.signal).then(
      (failure) => tooLong.abort(failure),
      () => undefined,
    );
    const renewals = await queue.renew(
      leases.map((lease) => heartbeatOf(lease, random)),
      { signal: tooLong.signal },
    );
    over.abort();
    const failed: { lease: Lease; error: unknown }[] = [];
    const renewed: Lease[] = [];
    for (const [index, lease] of leases.entries()) {
      const renewal: Renewal | undefined = renewals[index];
      // The task has finished meanwhile: its heartbeat does not matter any more.
      if (renewal === undefined || !this.#leases.has(lease)) continue;
      if (renewal.kind === 'renewed') {
        lease.renewed(startedAt);
        const { outcome } = renewal.submitted;
        if (outcome.kind === 'renewed') lease.told(outcome.content);
        renewed.push(lease);
      } else if (isClaimGone(renewal.error)) {
        this.#leases.delete(lease);
        await endClaim(lease, renewal.error, this.#options);
      } else failed.push({ lease, error: renewal.error });
    }
    this.#report(renewed, renewals);
    this.#next = this.#afterThis(clock.now(), interval);
    if (failed.length === 0) {
      this.#failures = 0;
      return;
    }
    const delayMs = Math.min(interval / 4, pauseAfter(this.#failures++));
    this.#next = clock.now() + delayMs;
    const jobs = failed.map(({ lease }) => lease.job);
    onEvent({ kind: 'not-renewed', jobs, reason: wordsOf(failed[0]?.error), delayMs });
  }

  /**
   * Waits until it makes no sense to wait for this beat any longer. A hanging connection must not use up all the time,
   * but a remote that is slower than the beat is only slow. If the remote has answered meanwhile, the time counts from
   * then on. If it is the turn of others, giving up would only lose our place: then we wait as long as there is time
   * for another try.
   * @returns what we waited for, and how long; rejects when the signal is aborted
   */
  async #untilTooLong(leases: readonly Lease[], startedAt: number, over: AbortSignal): Promise<Failure> {
    const { queue, clock } = this.#options;
    const silenceMs = Math.max(this.#interval(), shareOfLimit(leases));
    const lastChance = Math.min(...leases.map(({ expiresAt }) => expiresAt)) - shareOfLimit(leases);
    for (;;) {
      const { what, since } = queue.waitingFor?.() ?? { what: 'remote', since: startedAt };
      const from = Math.max(startedAt, since);
      const until = what === 'remote' ? from + silenceMs : Math.max(from + silenceMs, lastChance);
      const rest = until - clock.now();
      if (rest > 0) await clock.sleep(Math.min(rest, LONGEST_SLEEP_MS), over);
      else if (what === 'remote') return tooLate('the remote did not answer', clock.now() - from);
      else return tooLate('it was not our turn: others of this machine were at work', clock.now() - startedAt);
    }
  }

  #report(renewed: readonly Lease[], renewals: readonly Renewal[]): void {
    if (renewed.length === 0) return;
    const [commit] = renewals.flatMap((renewal) =>
      renewal.kind === 'renewed' && renewal.submitted.commit !== undefined ? [renewal.submitted.commit] : [],
    );
    this.#options.onEvent({ kind: 'renewed', jobs: renewed.map(({ job }) => job), commit });
  }
}

/**
 * Ends the lease of a claim that is gone, as `failure` says. The command may have ended it itself, by completing its task
 * or by asking something: then it may run to its end, and there is nothing to fence.
 */
export async function endClaim(
  lease: Lease,
  failure: Failure,
  { queue, random }: Pick<HeartbeatsOptions, 'queue' | 'random'>,
): Promise<void> {
  const completion = { kind: 'complete', request: random.id(), ...ownerOf(lease) } as const;
  const end = await queue
    .read()
    .then((reader) => reader.rehearse(completion))
    .then(
      ({ outcome }) => outcome.kind,
      (error: unknown) => error,
    );
  const question = questionIn(end, lease);
  if (end === 'completed') lease.completed();
  else if (question !== undefined) lease.asked(question);
  else lease.lost(failure.message);
}

function tooLate(what: string, ms: number): Failure {
  return new Failure('timed-out', `${what} for ${formatDuration(Math.round(ms))}`);
}

/** The shortest of the limits, divided by the beats within it. */
function shareOfLimit(leases: Iterable<Lease>): number {
  return Math.min(...[...leases].map(({ settings }) => settings.stalledAfterMs)) / BEATS_IN_LIMIT;
}

/** The heartbeat that would renew the lease. */
export function heartbeatOf(lease: Lease, random: Randomness): HeartbeatIntent {
  return { kind: 'heartbeat', request: random.id(), ...ownerOf(lease) };
}

/** A claim made by an older script has no id. */
function ownerOf({ job: { agent, task, claimId } }: Lease): Pick<HeartbeatIntent, 'agent' | 'task' | 'claimId'> {
  return { agent, task, ...(claimId === '' ? {} : { claimId }) };
}
