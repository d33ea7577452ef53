import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { Tip } from '../queue/tips.ts';
import { isClaimGone, pauseAfter } from '../work/faults.ts';
import { endClaim, heartbeatOf } from '../work/heartbeats.ts';
import type { Lease } from '../work/lease.ts';
import type { WorkQueue } from '../work/work-queue.ts';

export interface ClaimWatchOptions {
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly random: Randomness;
  /** The lease has ended: nobody needs to renew it. */
  onEnded(lease: Lease): void;
}

/** How long (ms) a claim stands before it is watched: what is done by then costs no look. */
const SETTLING_MS = 1_000;

/** The next check waits this many times as long as the last one took: a busy branch moves all the time. */
const REST = 4;

/**
 * Watches the branch while this process holds claims, as `claim --wait` does: one look for all processes of the
 * machine. When it has moved, one reading shows for all claims whether they stand. So a worker whose task was taken or
 * given back by somebody else learns that within one look, and not with its next heartbeat.
 */
export class ClaimWatch {
  readonly #options: ClaimWatchOptions;
  /** Where each claim was seen to stand last. */
  readonly #leases = new Map<Lease, Tip>();
  #running: Promise<void> | undefined;
  #over = new AbortController();

  constructor(options: ClaimWatchOptions) {
    this.#options = options;
  }

  /** Watches the claim from now on. */
  hold(lease: Lease): void {
    this.#leases.set(lease, lease.job.commit);
    this.#running ??= this.#run();
  }

  /** The claims were renewed by this commit: they stood there. */
  renewed(jobs: readonly Lease['job'][], commit: string): void {
    for (const lease of this.#leases.keys()) if (jobs.includes(lease.job)) this.#leases.set(lease, commit);
  }

  drop(lease: Lease): void {
    this.#leases.delete(lease);
    if (this.#leases.size === 0) this.#over.abort();
  }

  /** Resolves when nothing is asked any more; every claim must have been dropped. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  /**
   * Asks now whether the claim stands, and ends its lease if not. What cannot be told now is left to the heartbeats.
   */
  async check(lease: Lease): Promise<void> {
    await this.#check([lease], undefined).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { queue, clock } = this.#options;
    this.#over = new AbortController();
    const { signal } = this.#over;
    let known: Tip;
    let failures = 0;
    let restMs = SETTLING_MS;
    while (!signal.aborted) {
      try {
        await clock.sleep(restMs, signal);
        const tip = await queue.tips.changed(known, signal);
        const beganAt = clock.now();
        await this.#check(this.#notSeenAt(tip), tip);
        known = tip;
        failures = 0;
        restMs = REST * (clock.now() - beganAt);
      } catch {
        // The heartbeats say what is wrong with the remote, and give up when it is time.
        restMs = pauseAfter(failures++);
      }
    }
    this.#running = undefined;
    if (this.#leases.size > 0) this.#running = this.#run();
  }

  #notSeenAt(tip: Tip): readonly Lease[] {
    return [...this.#leases].filter(([, seenAt]) => seenAt !== tip).map(([lease]) => lease);
  }

  async #check(leases: readonly Lease[], tip: Tip): Promise<void> {
    if (leases.length === 0) return;
    const { queue, random } = this.#options;
    const reader = await queue.read();
    const standings = await reader.standing(
      leases.map((lease) => heartbeatOf(lease, random)),
      tip,
    );
    const unseen: Lease[] = [];
    for (const [index, lease] of leases.entries()) {
      const standing = standings[index];
      // Its work has ended meanwhile, by whatever was pushed for it.
      if (standing === undefined || !this.#leases.has(lease)) continue;
      if (standing.kind === 'stands') {
        this.#leases.set(lease, tip);
        lease.told(standing.outcome.content);
      } else if (!isClaimGone(standing.failure)) continue;
      // What was seen before the claim was made does not show it: only a look of our own tells that it is gone.
      else if (tip !== undefined) unseen.push(lease);
      else {
        this.drop(lease);
        this.#options.onEnded(lease);
        await endClaim(lease, standing.failure, this.#options);
      }
    }
    await this.#check(unseen, undefined);
  }
}
