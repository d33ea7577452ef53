import { setMaxListeners } from 'node:events';
import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { expectOutcome } from '../../domain/queue/expect-outcome.ts';
import type { ClaimIntent, TaskFilter } from '../../domain/queue/intent.ts';
import { formatKey } from '../../domain/queue/task.ts';
import type { AtStep } from '../base/crash-points.ts';
import { unansweredIn } from '../base/unanswered.ts';
import { type Asked, askedIn, endOf, wordsOfUnanswered } from '../transaction/asked.ts';
import { afterWaiting } from '../waiting/claim-when-claimable.ts';
import type { CheckoutFollower } from './checkout-follower.ts';
import type { WorkEvent } from './events.ts';
import { mayPass, pauseAfter, wordsOf } from './faults.ts';
import { Heartbeats } from './heartbeats.ts';
import { IdleAgents } from './idle-agents.ts';
import type { TaskResult } from './job.ts';
import { type Lease, leaseOf } from './lease.ts';
import { courteously, limitAfterInterrupt, orAborted } from './shutdown.ts';
import { heldFailure } from './submit-until-answered.ts';
import { type TaskRules, workOn } from './task-run.ts';
import type { WorkQueue } from './work-queue.ts';
import type { Workspaces } from './workspace.ts';

export interface PoolOptions {
  /** At least one; each works on one task at a time. */
  readonly agents: readonly string[];
  readonly filter: TaskFilter;
  readonly prefer: string | undefined;
  /** Time (ms) between the starts of two agents. */
  readonly staggerMs: number;
  /** Most tasks of all agents together. */
  readonly maxTasks: number | undefined;
  /** One task per agent, or as many as there are. */
  readonly until: 'one-task' | 'nothing-claimable';
  /** What agents do that find nothing; `ms`: how long they wait, undefined: for ever. */
  readonly idle: { readonly kind: 'leave' } | { readonly kind: 'wait'; readonly ms: number | undefined };
  readonly heartbeatMs: number | undefined;
  readonly rules: TaskRules;
}

export interface PoolParts {
  readonly queue: WorkQueue;
  readonly workspaces: Workspaces;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Aborted to end the pool: no new claims, running commands get some time. */
  readonly interrupt: AbortSignal;
  /** Aborted to end the pool at once. */
  readonly urgent: AbortSignal;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  onEvent(event: WorkEvent): void;
  /** Follows what is pushed. */
  readonly checkout: Pick<CheckoutFollower, 'claimed' | 'pushed'>;
}

/** What a pool has done by its end. */
export interface PoolReport {
  readonly results: readonly TaskResult[];
  /** Why nothing could be claimed at the last try. */
  readonly nothing: Failure | undefined;
  /** What made the pool end early. */
  readonly failure: Failure | undefined;
}

/** Most tries (some minutes) of a claim that may have landed, if the pool was not asked to wait. */
const MOST_TROUBLES = 10;

/** Most failed tasks that are left to others: if there are more, the tasks are not the cause. */
const MOST_FAILED = 1_000;

/** Runs agents in this process until there is nothing left for them. Never throws. */
export async function runPool(options: PoolOptions, parts: PoolParts): Promise<PoolReport> {
  return new Pool(options, parts).run();
}

type Claimed =
  | { readonly kind: 'claimed'; readonly lease: Lease }
  | { readonly kind: 'nothing'; readonly failure: Failure }
  | { readonly kind: 'trouble'; readonly failure: Failure }
  | { readonly kind: 'over' };

class Pool {
  readonly #options: PoolOptions;
  readonly #parts: PoolParts;
  readonly #heartbeats: Heartbeats;
  readonly #idleAgents: IdleAgents;
  readonly #results: TaskResult[] = [];
  /** Tasks that failed here: if they were claimed again, they would fail again, for ever. */
  readonly #failed = new Set<string>();
  #taken = 0;
  /** Whether the remote has answered a claim. */
  #hasServed = false;
  #working = 0;
  /** How many agents have left because this machine has no room for their commands. */
  #withoutRoom = 0;
  #nothing: Failure | undefined;
  #failure: Failure | undefined;
  /** Aborted by a failure that will not pass: no new claims. */
  readonly #ending = new AbortController();

  constructor(options: PoolOptions, parts: PoolParts) {
    this.#options = options;
    this.#parts = parts;
    const { queue, clock, random, onEvent } = parts;
    // Every agent listens to these, and node takes more than ten for a leak.
    setMaxListeners(0, parts.interrupt, parts.urgent, this.#ending.signal);
    this.#heartbeats = new Heartbeats({ queue, clock, random, intervalMs: options.heartbeatMs, onEvent });
    this.#idleAgents = new IdleAgents({
      tips: queue.tips,
      clock,
      idle: options.idle,
      closed: AbortSignal.any([parts.interrupt, this.#ending.signal]),
      onFailure: (error) => this.#giveUp(error),
    });
  }

  async run(): Promise<PoolReport> {
    const { interrupt, urgent, onEvent } = this.#parts;
    const shutdown = (how: 'gracefully' | 'at-once'): void =>
      onEvent({ kind: 'shutdown', how, running: this.#working });
    const over = new AbortController();
    interrupt.addEventListener('abort', () => shutdown('gracefully'), { once: true, signal: over.signal });
    urgent.addEventListener('abort', () => shutdown('at-once'), { once: true, signal: over.signal });
    await Promise.all(this.#options.agents.map((agent, index) => this.#agent(agent, index)));
    // No claim is held any more: a hanging heartbeat does not matter.
    await courteously(this.#heartbeats.stopped(), this.#parts);
    over.abort();
    this.#idleAgents.close();
    return { results: this.#results, nothing: this.#nothing, failure: this.#failure };
  }

  async #agent(agent: string, index: number): Promise<void> {
    if (!(await this.#idleAgents.enter(index * this.#options.staggerMs))) return;
    try {
      await this.#work(agent);
    } catch (error) {
      this.#giveUp(error, agent);
    } finally {
      this.#idleAgents.leave();
      this.#parts.onEvent({ kind: 'left', agent });
    }
  }

  async #work(agent: string): Promise<void> {
    const { clock, onEvent } = this.#parts;
    let asked: Asked | undefined;
    for (let troubles = 0; ; ) {
      if (asked === undefined && this.#isOver()) return;
      const pass = this.#idleAgents.pass();
      if (asked === undefined) this.#taken++;
      const intent: ClaimIntent = asked?.intent ?? this.#claimIntent(agent);
      onEvent({ kind: 'claiming', agent });
      const claimed = await this.#claim(intent, asked?.base);
      // The claim may have landed: until that is known it stays the same claim, and counts as one.
      asked = 'failure' in claimed ? askedIn(intent, claimed, asked, clock.now()) : undefined;
      if (claimed.kind !== 'claimed' && asked === undefined) this.#taken--;
      // An agent that would leave waits for what a late request may still bring: nobody would work on that task.
      const isLate = asked?.request === 'late' && this.#options.idle.kind === 'leave';
      const next: Claimed = claimed.kind === 'nothing' && isLate ? { ...claimed, kind: 'trouble' } : claimed;
      switch (next.kind) {
        case 'claimed': {
          troubles = 0;
          this.#idleAgents.claimed();
          const { outcome } = await this.#workOn(next.lease);
          // Other agents have the room that this one lacks.
          if (this.#options.until === 'one-task' || outcome === 'no-room') return;
          break;
        }
        case 'nothing':
          onEvent({ kind: 'idle', agent, why: next.failure.message });
          if (await this.#idleAgents.wait(pass)) break;
          if (asked?.request === 'late') this.#warnOf(asked.intent);
          return;
        case 'trouble': {
          // The last agent that was not asked to wait ends here, as `claim` does; later if there may be a claim of
          // ours.
          const isEnough = asked === undefined || troubles >= MOST_TROUBLES;
          if (this.#options.idle.kind === 'leave' && this.#idleAgents.isLast && isEnough)
            throw endOf(next.failure, asked);
          const delayMs = pauseAfter(troubles++);
          onEvent({ kind: 'trouble', agent, message: next.failure.message, delayMs });
          await clock.sleep(delayMs, this.#idleAgents.closed).catch(() => undefined);
          if (this.#idleAgents.closed.aborted && asked !== undefined) return this.#warnOf(asked.intent);
          break;
        }
        case 'over':
          return;
      }
    }
  }

  #isOver(): boolean {
    return this.#idleAgents.closed.aborted || this.#taken >= (this.#options.maxTasks ?? Number.POSITIVE_INFINITY);
  }

  #claimIntent(agent: string): ClaimIntent {
    const { filter, prefer } = this.#options;
    return {
      kind: 'claim',
      request: this.#parts.random.id(),
      agent,
      filter: this.#failed.size === 0 ? filter : { ...filter, except: [...this.#failed] },
      ...given({ prefer }),
      attempt: 1,
      waitedMs: 0,
    };
  }

  /** @param base the tip from which the commit of an earlier try must be looked for */
  async #claim(intent: ClaimIntent, base: string | undefined): Promise<Claimed> {
    const { queue, clock } = this.#parts;
    const { agent } = intent;
    const limit = limitAfterInterrupt(this.#parts);
    try {
      const from = given({ base });
      const submitted = queue.submit(intent, { signal: this.#idleAgents.closed, ...from });
      const { outcome, commit } = await orAborted(submitted, limit.signal);
      const claimed = expectOutcome(outcome, 'claimed');
      this.#hasServed = true;
      return { kind: 'claimed', lease: leaseOf(agent, claimed, commit, clock.now()) };
    } catch (error) {
      if (error instanceof Failure && this.#isNothing(error)) {
        if (error.code === 'unknown-project' && this.#nothing === undefined) {
          this.#parts.onEvent({ kind: 'warning', agent, message: `${error.message}; waiting for it` });
        }
        this.#nothing = afterWaiting(error);
        this.#hasServed = true;
        return { kind: 'nothing', failure: error };
      }
      if (limit.signal.aborted) {
        this.#warnOf(intent);
        return { kind: 'over' };
      }
      if (this.#idleAgents.closed.aborted) {
        if (unansweredIn(error, intent.request) !== undefined) this.#warnOf(intent);
        // A claim landed nevertheless and could not be given back: the user must hear of it.
        else if (error instanceof Failure && error !== this.#idleAgents.closed.reason && error.code === 'interrupted') {
          this.#parts.onEvent({ kind: 'warning', agent, message: error.message });
        }
        return { kind: 'over' };
      }
      if (mayPass(error, this.#hasServed)) return { kind: 'trouble', failure: error };
      throw error;
    } finally {
      limit.release();
    }
  }

  /** A missing project means "nothing to claim" to a pool that waits for it, or has had tasks of it. */
  #isNothing({ code }: Failure): boolean {
    const isAwaited = this.#options.idle.kind === 'wait' || this.#hasServed;
    return code === 'nothing-claimable' || (code === 'unknown-project' && isAwaited);
  }

  /** A claim has no answer at the end: the user must hear of it. */
  #warnOf(intent: ClaimIntent): void {
    this.#parts.onEvent({ kind: 'warning', agent: intent.agent, message: wordsOfUnanswered(intent) });
  }

  async #workOn(lease: Lease): Promise<TaskResult> {
    const { clock, onEvent, checkout } = this.#parts;
    const { job } = lease;
    this.#working++;
    this.#heartbeats.hold(lease);
    try {
      onEvent({ kind: 'claimed', job, at: clock.now() });
      if (job.commit !== undefined) await courteously(checkout.claimed(job.commit), this.#parts);
      const result = await workOn(lease, { ...this.#parts, rules: this.#options.rules });
      this.#results.push(result);
      if (result.outcome === 'failed') this.#noteFailed(result);
      if (result.outcome === 'unsettled') this.#noteUnsettled(result);
      if (result.outcome === 'no-room') this.#noteNoRoom(result);
      onEvent({ kind: 'finished', result });
      if (result.commit !== undefined) checkout.pushed(result.commit);
      return result;
    } finally {
      this.#heartbeats.drop(lease);
      this.#working--;
      this.#idleAgents.changed();
    }
  }

  #noteFailed({ job, attempts, reason }: TaskResult): void {
    this.#failed.add(formatKey(job.task));
    if (attempts > 0 && reason?.startsWith('could not be started')) {
      const isAll = this.#results.every(({ outcome }) => outcome === 'failed');
      const hint = isAll ? { hint: 'nothing was done' } : {};
      this.#giveUp(new Failure('command-failed', `the command ${reason}`, hint));
    } else if (this.#failed.size >= MOST_FAILED) {
      this.#giveUp(
        new Failure('command-failed', `the command failed for ${MOST_FAILED} tasks, so it may not be the tasks`),
      );
    }
  }

  #noteUnsettled({ job, reason = '', failure }: TaskResult): void {
    this.#giveUp(heldFailure(formatKey(job.task), job.agent, reason, failure));
  }

  /** The other agents go on. If there are none, this machine has no room for a single one. */
  #noteNoRoom({ failure }: TaskResult): void {
    this.#withoutRoom++;
    const isEnd = this.#idleAgents.isLast || this.#withoutRoom === this.#options.agents.length;
    if (failure !== undefined && isEnd) this.#giveUp(failure);
  }

  /** Ends the pool: running work is finished, nothing new is begun. Its answer is the first failure that it had. */
  #giveUp(error: unknown, agent = ''): void {
    if (this.#parts.interrupt.aborted && !(error instanceof Failure)) return;
    const isOther = this.#failure !== undefined && error instanceof Failure && error.details.mayHaveLanded === true;
    // The user must hear of what another agent may have claimed, too.
    if (isOther) this.#parts.onEvent({ kind: 'warning', agent, message: error.message });
    this.#failure ??= error instanceof Failure ? error : new Failure('internal', wordsOf(error), { cause: error });
    this.#ending.abort(this.#failure);
  }
}
