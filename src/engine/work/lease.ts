import { given } from '../../domain/base/given.ts';
import type { Content } from '../../domain/changing/content.ts';
import type { ClaimedOutcome, LeaseSettings } from '../../domain/intents/outcome.ts';
import { parseTime } from '../../domain/leases/staleness.ts';
import { DEFAULT_POOL_SETTINGS } from '../../domain/queue/snapshot.ts';
import type { Job } from './job.ts';

/** A claim that this worker holds, and must renew while it works. */
export class Lease {
  readonly job: Job;
  readonly settings: LeaseSettings;
  /** When the claim was made (ms since the epoch). */
  readonly claimedAt: number;
  #signOfLife: number;
  #question: string | undefined;
  /** What the task says, as it was last told. */
  #content: string | undefined;
  #onNews: ((now: Content) => void) | undefined;
  readonly #done = new AbortController();
  #mayBeOurs = true;
  readonly #gone = new AbortController();

  /** @param at when the claim was made (ms since the epoch) */
  constructor(job: Job, settings: LeaseSettings, at: number) {
    this.job = job;
    this.settings = settings;
    this.claimedAt = at;
    this.#signOfLife = at;
  }

  /**
   * Aborted when the claim is gone: released, taken over, or not renewed for too long. The reason is a line of text.
   */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** When (ms since the epoch) others may take the claim, unless it is renewed before. */
  get expiresAt(): number {
    return this.#signOfLife + this.settings.stalledAfterMs;
  }

  /**
   * Aborted when the task's own command has ended this claim, by completing the task or by asking: there is nothing left
   * to renew.
   */
  get done(): AbortSignal {
    return this.#done.signal;
  }

  ageAt(now: number): number {
    return now - this.#signOfLife;
  }

  renewed(at: number): void {
    this.#signOfLife = Math.max(this.#signOfLife, at);
  }

  completed(): void {
    this.#done.abort();
  }

  /** An answer of the queue tells what the task says now; undefined: it does not tell. */
  told(content: Content | undefined): void {
    if (content === undefined) return;
    const said = JSON.stringify(content);
    if (said === this.#content) return;
    this.#content = said;
    this.#onNews?.(content);
  }

  /** Calls back each time that the task says something else than is known, also if that was told before this call. */
  onNews(known: Content, callBack: (now: Content) => void): void {
    const told = this.#content;
    this.#content = JSON.stringify(known);
    this.#onNews = callBack;
    if (told === undefined || told === this.#content) return;
    this.#content = told;
    callBack(JSON.parse(told));
  }

  /** What the task's own command has asked, and given the task back with; undefined: nothing that is known. */
  get question(): string | undefined {
    return this.#question;
  }

  asked(question: string): void {
    this.#question = question;
    this.#done.abort();
  }

  /** Whether a claim that is gone for us may still stand on the branch: the branch has not said otherwise. */
  get mayBeOurs(): boolean {
    return this.#mayBeOurs;
  }

  /** Whether the claim is gone for us only because it was not renewed for too long. */
  get hasExpired(): boolean {
    return this.#gone.signal.aborted && this.#mayBeOurs;
  }

  /** The branch says that the claim is gone. */
  lost(reason: string): void {
    this.#mayBeOurs = false;
    this.#gone.abort(reason);
  }

  /** The claim was not renewed for so long that others may have taken it. */
  expired(reason: string): void {
    this.#gone.abort(reason);
  }
}

/**
 * The lease of a claim.
 * @param asked when it was first asked for, and answered (ms since the epoch)
 */
export function leaseOf(
  agent: string,
  outcome: ClaimedOutcome,
  commit: string | undefined,
  asked: { readonly at: number; readonly answeredAt: number },
): Lease {
  const { key, title, path, claim, takenFrom, pool = DEFAULT_POOL_SETTINGS } = outcome;
  const job: Job = { agent, task: key, title, claimId: claim.claimId, path, commit, ...given({ takenFrom }) };
  // If the answer took long, the claim is as old as the branch says. Whoever carried it out may have another clock: one
  // that is ahead does not make it younger than the answer, and one that is behind not older than the question.
  const claimedAt = parseTime(claim.claimedAt) ?? asked.answeredAt;
  return new Lease(job, pool, Math.min(asked.answeredAt, Math.max(asked.at, claimedAt)));
}
