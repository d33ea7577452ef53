import type { Randomness } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { ClaimIntent, HeartbeatIntent, ReleaseIntent } from '../../domain/intents/intent.ts';
import type { RenewedOutcome } from '../../domain/intents/outcome.ts';
import { DEFAULT_POOL_SETTINGS } from '../../domain/queue/snapshot.ts';
import { formatKey, type TaskKey } from '../../domain/queue/task.ts';
import { unansweredIn } from '../base/unanswered.ts';
import { ClaimWatch } from '../pool/claim-watch.ts';
import type { Queue } from '../queue/queue.ts';
import type { WorkEvent } from '../work/events.ts';
import { isClaimGone, mayPass, pauseAfter, wordsOf } from '../work/faults.ts';
import { Heartbeats } from '../work/heartbeats.ts';
import type { Job } from '../work/job.ts';
import { Lease, leaseOf } from '../work/lease.ts';
import { limitAfterInterrupt, orAborted, type Shutdown, whenAborted } from '../work/shutdown.ts';
import { heldFailure, submitUntilAnswered } from '../work/submit-until-answered.ts';
import type { WorkQueue } from '../work/work-queue.ts';
import type { DoubtfulClaim } from './call-queue.ts';
import { EditWatch } from './edit-watch.ts';

/** What happens to the claims of a session without its doing. `message` is a line for the agent. */
export interface HoldingNotice {
  readonly kind: 'lost' | 'completed' | 'changed' | 'in-danger' | 'safe' | 'given-back';
  readonly task: TaskKey;
  readonly message: string;
}

export interface HoldingParts extends Shutdown {
  readonly queue: Omit<WorkQueue, 'read'> & Pick<Queue, 'read'>;
  readonly random: Randomness;
  /** Time (ms) between two heartbeats; undefined: a third of the pool's limit. */
  readonly heartbeatMs: number | undefined;
  onEvent(event: WorkEvent): void;
  onNotice(notice: HoldingNotice): void;
}

/** What is known of a claim that had no answer. */
type Answer =
  | { readonly kind: 'claimed'; readonly lease: Lease }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly base: string };

/** Most tries to find out what became of a claim. A claim that is found by none of them stalls by itself. */
const MOST_LOOKS = 40;

/**
 * The claims of one session: it renews them for as long as it holds them, says when one is gone, and gives them back.
 */
export class Holding {
  readonly #parts: HoldingParts;
  readonly #heart: Heartbeats;
  readonly #claims: ClaimWatch;
  readonly #edits: EditWatch;
  readonly #leases = new Map<string, Lease>();
  readonly #settling = new Set<Promise<void>>();

  constructor(parts: HoldingParts) {
    this.#parts = parts;
    const { queue, clock, random, heartbeatMs: intervalMs, onEvent } = parts;
    this.#claims = new ClaimWatch({ queue, clock, random, onEnded: (lease) => this.#heart.drop(lease) });
    this.#heart = new Heartbeats({
      queue,
      clock,
      random,
      intervalMs,
      onEvent: (event) => {
        if (event.kind === 'renewed' && event.commit !== undefined) this.#claims.renewed(event.jobs, event.commit);
        onEvent(event);
      },
    });
    this.#edits = new EditWatch({
      queue,
      clock,
      leases: () => [...this.#leases.values()],
      onChanged: ({ job }, fields) => {
        const name = formatKey(job.task);
        this.#tell('changed', job, `${name} was changed: ${fields.join(', ')}. The tool show has it as it is now`);
      },
    });
  }

  /** What is held, in the order in which it was claimed. */
  get jobs(): readonly Job[] {
    return [...this.#leases.values()].map(({ job }) => job);
  }

  /** The claim on this task; undefined: it is not held. */
  leaseOn(task: TaskKey): Lease | undefined {
    return this.#leases.get(formatKey(task));
  }

  /** Renews the claim from now on. */
  hold(lease: Lease): void {
    const { job } = lease;
    const name = formatKey(job.task);
    const never = new AbortController().signal;
    this.#leases.set(name, lease);
    this.#heart.hold(lease);
    this.#claims.hold(lease);
    this.#edits.begin();
    whenAborted(lease.done, never, () => {
      const how = lease.question === undefined ? 'completed' : 'given back with a question';
      if (this.#forget(lease)) this.#tell('completed', job, `${name} was ${how} under your claim`);
    });
    whenAborted(lease.gone, never, () => {
      if (!this.#forget(lease)) return;
      const reason = String(lease.gone.reason);
      if (lease.hasExpired) this.#follow(this.#recover(lease, reason));
      else this.#tell('lost', job, `the claim on ${name} is lost: ${reason}. Stop working on it`);
    });
  }

  /** The claim is over, and the caller knows. @returns whether it was held */
  drop(task: TaskKey): boolean {
    const lease = this.leaseOn(task);
    return lease !== undefined && this.#forget(lease);
  }

  /**
   * Takes up claims that the agent already has on the branch: an earlier session has left them.
   * @returns those that still stand, and are renewed from now on
   */
  async takeUp(claims: readonly ClaimName[]): Promise<readonly Job[]> {
    if (claims.length === 0) return [];
    const { queue, random } = this.#parts;
    const intents = claims.map((claim): HeartbeatIntent => ({ kind: 'heartbeat', request: random.id(), ...claim }));
    const renewals = await queue.renew(intents);
    return renewals.flatMap((renewal, index) => {
      if (renewal.kind !== 'renewed' || renewal.submitted.outcome.kind !== 'renewed') return [];
      const lease = this.#renewed(intents[index]?.agent ?? '', renewal.submitted.outcome);
      this.hold(lease);
      return [lease.job];
    });
  }

  /**
   * Gives a claim back that nobody works on.
   * @returns why it could not be given back; undefined: it is, or somebody else has it
   */
  async giveBack(lease: Lease, reason: string): Promise<Failure | undefined> {
    this.#forget(lease);
    const { random } = this.#parts;
    const { agent, task, claimId } = lease.job;
    // What was put into review meanwhile stays there: it needs nobody.
    const intent: ReleaseIntent = {
      kind: 'release',
      request: random.id(),
      ...claimOf(agent, task, claimId),
      inReview: 'leave',
      reason,
    };
    const released = submitUntilAnswered(intent, lease, this.#parts).then(
      () => undefined,
      (error: unknown) => {
        if (isClaimGone(error)) return undefined;
        const said = `it could not be given back: ${wordsOf(error)}`;
        return heldFailure(formatKey(task), agent, said, error instanceof Failure ? error : undefined);
      },
    );
    this.#follow(released.then(() => undefined));
    return released;
  }

  /**
   * Finds out in the background what became of claims that had no answer, and gives back what they got: nobody else
   * knows about it.
   */
  settle(doubts: readonly DoubtfulClaim[]): void {
    for (const doubt of doubts) this.#follow(this.#settleOne(doubt));
  }

  /** Resolves when it is known what became of every claim. */
  async settled(): Promise<void> {
    while (this.#settling.size > 0) await Promise.all(this.#settling);
  }

  /**
   * Ends all: the caller has aborted `interrupt`.
   * @returns what could not be given back
   */
  async end(how: 'release' | 'keep', reason: string): Promise<readonly Failure[]> {
    const leases = [...this.#leases.values()];
    for (const lease of leases) this.#unhold(lease);
    const problems = how === 'keep' ? [] : await Promise.all(leases.map((lease) => this.giveBack(lease, reason)));
    this.#leases.clear();
    this.#edits.stop();
    const limit = limitAfterInterrupt(this.#parts);
    const rest = Promise.all([this.settled(), this.#heart.stopped(), this.#claims.stopped()]);
    await orAborted(rest, limit.signal).catch(() => undefined);
    limit.release();
    return problems.filter((problem) => problem !== undefined);
  }

  #forget(lease: Lease): boolean {
    const name = formatKey(lease.job.task);
    this.#unhold(lease);
    return this.#leases.get(name) === lease && this.#leases.delete(name);
  }

  #unhold(lease: Lease): void {
    this.#heart.drop(lease);
    this.#claims.drop(lease);
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#settling.delete(followed));
    this.#settling.add(followed);
  }

  #renewed(agent: string, { key, claimId = '', title, path, pool = DEFAULT_POOL_SETTINGS }: RenewedOutcome): Lease {
    const job: Job = { agent, task: key, title, claimId, path, commit: undefined };
    return new Lease(job, pool, this.#parts.clock.now());
  }

  /**
   * No heartbeat came through for so long that others may have the task: this machine slept, or had no network. The
   * branch tells whether anybody took it. Until it does, the agent knows that it may work in vain.
   */
  async #recover({ job }: Lease, reason: string): Promise<void> {
    const { queue, random, interrupt } = this.#parts;
    const { agent, task, claimId } = job;
    const name = formatKey(task);
    this.#tell('in-danger', job, `${name}: ${reason}. The server keeps asking whether it is still yours`);
    const owner = claimOf(agent, task, claimId);
    for (let failures = 0; !interrupt.aborted; failures++) {
      try {
        const { outcome } = await queue.submit(
          { kind: 'heartbeat', request: random.id(), ...owner },
          { signal: interrupt },
        );
        if (outcome.kind !== 'renewed') return;
        this.hold(this.#renewed(agent, outcome));
        this.#tell('safe', job, `${name} is still yours, and its claim is renewed again`);
        return;
      } catch (error) {
        if (isClaimGone(error)) {
          this.#tell('lost', job, `the claim on ${name} is lost: ${error.message}. Stop working on it`);
          return;
        }
        await this.#pause(failures);
      }
    }
  }

  async #settleOne({ intent, base }: DoubtfulClaim): Promise<void> {
    const limit = limitAfterInterrupt(this.#parts);
    let from = base;
    for (let failures = 0; failures < MOST_LOOKS; failures++) {
      const answer = await this.#askAgain(intent, from, limit.signal);
      if (answer.kind === 'claimed') await this.#giveBackUnseen(answer.lease);
      if (answer.kind !== 'unknown') break;
      if (this.#parts.interrupt.aborted) break;
      from = answer.base;
      await this.#pause(failures);
    }
    limit.release();
  }

  /** The same intent once more: the engine looks first whether an earlier try has carried it out. */
  async #askAgain(intent: ClaimIntent, base: string, signal: AbortSignal): Promise<Answer> {
    const { queue, clock } = this.#parts;
    const at = clock.now();
    try {
      const { outcome, commit } = await queue.submit(intent, { base, signal });
      if (outcome.kind !== 'claimed') return { kind: 'none' };
      return { kind: 'claimed', lease: leaseOf(intent.agent, outcome, commit, { at, answeredAt: clock.now() }) };
    } catch (error) {
      const known = unansweredIn(error, intent.request);
      // A certain refusal: it has not landed, and will not.
      return known === undefined && !mayPass(error, true)
        ? { kind: 'none' }
        : { kind: 'unknown', base: known?.base ?? base };
    }
  }

  async #giveBackUnseen(lease: Lease): Promise<void> {
    const problem = await this.giveBack(lease, 'nobody was told of the claim');
    const name = formatKey(lease.job.task);
    this.#tell('given-back', lease.job, problem?.message ?? `${name} was claimed after all, and is given back`);
  }

  async #pause(failures: number): Promise<void> {
    const { clock, interrupt } = this.#parts;
    await clock.sleep(pauseAfter(failures), interrupt).catch(() => undefined);
  }

  #tell(kind: HoldingNotice['kind'], { task }: Job, message: string): void {
    this.#parts.onNotice({ kind, task, message });
  }
}

/** A claim as an intent names it. */
type ClaimName = Pick<HeartbeatIntent, 'agent' | 'task' | 'claimId'>;

/** The claim as an intent names it. A claim made by an older script has no id. */
export function claimOf(agent: string, task: TaskKey, claimId: string | undefined): ClaimName {
  return { agent, task, ...given({ claimId: claimId === '' ? undefined : claimId }) };
}
