import { setMaxListeners } from 'node:events';
import { Failure } from '../../domain/base/failure.ts';
import type { ClaimIntent } from '../../domain/intents/intent.ts';
import { formatKey } from '../../domain/queue/task.ts';
import { type Asked, askedIn, endOf } from '../transaction/asked.ts';
import { untilNextStall } from '../waiting/next-stall.ts';
import type { WorkEvent } from '../work/events.ts';
import { pauseAfter, wordsOf } from '../work/faults.ts';
import { Heartbeats } from '../work/heartbeats.ts';
import type { TaskResult } from '../work/job.ts';
import type { Lease } from '../work/lease.ts';
import { courteously } from '../work/shutdown.ts';
import { heldFailure } from '../work/submit-until-answered.ts';
import { workOn } from '../work/task-run.ts';
import { ClaimWatch } from './claim-watch.ts';
import { type Claimed, Claiming } from './claiming.ts';
import { FailureRow } from './failure-row.ts';
import { IdleAgents } from './idle-agents.ts';
import { Later, SHORTEST_LATER_MS } from './later.ts';
import type { PoolOptions, PoolParts, PoolReport } from './options.ts';
import { PutOffTasks, type Wake } from './put-off-tasks.ts';

/** Most tries (some minutes) of a claim that may have landed, if the pool was not asked to wait. */
const MOST_TROUBLES = 10;

/** Runs agents in this process until there is nothing left for them. Never throws. */
export async function runPool(options: PoolOptions, parts: PoolParts): Promise<PoolReport> {
  return new Pool(options, parts).run();
}

class Pool {
  readonly #options: PoolOptions;
  readonly #parts: PoolParts;
  readonly #heartbeats: Heartbeats;
  readonly #watch: ClaimWatch;
  readonly #idleAgents: IdleAgents;
  readonly #claiming: Claiming;
  readonly #results: TaskResult[] = [];
  readonly #putOff: PutOffTasks;
  readonly #row: FailureRow;
  readonly #later: Later;
  #taken = 0;
  #working = 0;
  /** How many agents have left because this machine has no room for their commands. */
  #withoutRoom = 0;
  #failure: Failure | undefined;
  /** Aborted by a failure that will not pass: no new claims. */
  readonly #ending = new AbortController();

  constructor(options: PoolOptions, parts: PoolParts) {
    this.#options = options;
    this.#parts = parts;
    const { queue, clock, random, onEvent } = parts;
    // Every agent listens to these, and node takes more than ten for a leak.
    setMaxListeners(0, parts.interrupt, parts.urgent, this.#ending.signal);
    this.#watch = new ClaimWatch({ queue, clock, random, onEnded: (lease) => this.#heartbeats.drop(lease) });
    this.#heartbeats = new Heartbeats({
      queue,
      clock,
      random,
      intervalMs: options.heartbeatMs,
      onEvent: (event) => {
        if (event.kind === 'renewed' && event.commit !== undefined) this.#watch.renewed(event.jobs, event.commit);
        onEvent(event);
      },
    });
    this.#idleAgents = new IdleAgents({
      tips: queue.tips,
      clock,
      idle: options.idle,
      closed: AbortSignal.any([parts.interrupt, this.#ending.signal]),
      onFailure: (error) => this.#giveUp(error),
    });
    const { closed } = this.#idleAgents;
    this.#claiming = new Claiming(options, parts, closed);
    this.#putOff = new PutOffTasks(options.idle.kind === 'leave' ? 'others' : 'anybody');
    this.#row = new FailureRow(clock.now(), options.agents.length);
    this.#later = new Later({ clock, closed, idle: options.idle.kind });
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
    await courteously(Promise.all([this.#heartbeats.stopped(), this.#watch.stopped()]), this.#parts);
    over.abort();
    this.#idleAgents.close();
    return { results: this.#results, nothing: this.#claiming.nothing, failure: this.#failure };
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
    let askedAt = 0;
    for (let troubles = 0; ; ) {
      if (asked === undefined) await this.#later.over();
      if (asked === undefined && this.#isOver()) return;
      const pass = this.#idleAgents.pass();
      if (asked === undefined) {
        this.#taken++;
        askedAt = clock.now();
      }
      const intent: ClaimIntent =
        asked?.intent ?? this.#claiming.intentOf(agent, this.#putOff.exceptFor(agent, clock.now()));
      onEvent({ kind: 'claiming', agent });
      const claimed = await this.#claiming.claim(intent, { at: askedAt, base: asked?.base });
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
          if (await this.#idleAgents.wait(pass, this.#wakeFor(agent, next.failure))) break;
          if (asked?.request === 'late') this.#claiming.warnOf(asked.intent);
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
          if (this.#idleAgents.closed.aborted && asked !== undefined) return this.#claiming.warnOf(asked.intent);
          break;
        }
        case 'over':
          return;
      }
    }
  }

  /** When the agent may be offered something although the branch has not moved. */
  #wakeFor(agent: string, nothing: Failure): Wake | undefined {
    const now = this.#parts.clock.now();
    const wake = this.#putOff.wakeFor(agent, now);
    const stallMs = this.#options.idle.kind === 'wait' ? untilNextStall(nothing) : undefined;
    if (stallMs === undefined) return wake;
    return { at: Math.min(wake?.at ?? Number.POSITIVE_INFINITY, now + stallMs), for: wake?.for ?? 'agent' };
  }

  #isOver(): boolean {
    return this.#idleAgents.closed.aborted || this.#taken >= (this.#options.maxTasks ?? Number.POSITIVE_INFINITY);
  }

  async #workOn(lease: Lease): Promise<TaskResult> {
    const { clock, onEvent, checkout } = this.#parts;
    const { job } = lease;
    this.#working++;
    this.#heartbeats.hold(lease);
    this.#watch.hold(lease);
    try {
      onEvent({ kind: 'claimed', job, at: clock.now() });
      if (job.commit !== undefined) await courteously(checkout.claimed(job.commit), this.#parts);
      const result = await workOn(lease, {
        ...this.#parts,
        rules: this.#options.rules,
        stands: (held) => this.#watch.check(held),
        onEvent: (event) => this.#hear(event),
      });
      this.#results.push(result);
      onEvent({ kind: 'finished', result });
      this.#note(result, lease);
      if (result.commit !== undefined) checkout.pushed(result.commit);
      return result;
    } finally {
      this.#heartbeats.drop(lease);
      this.#watch.drop(lease);
      this.#working--;
      this.#idleAgents.changed();
    }
  }

  /** A claim of another agent may be carried out together with the release: from now on it leaves the task alone. */
  #hear(event: WorkEvent): void {
    if (event.kind === 'giving-back') {
      const { task, agent } = event.job;
      const now = this.#parts.clock.now();
      if (event.because === 'failed') this.#putOff.failed(formatKey(task), agent, now);
      else this.#putOff.deferred(formatKey(task), now + SHORTEST_LATER_MS);
    }
    this.#parts.onEvent(event);
  }

  #note(result: TaskResult, lease: Lease): void {
    const { job, outcome, attempts, reason = '' } = result;
    const task = formatKey(job.task);
    switch (outcome) {
      case 'completed':
      case 'review':
      case 'asked':
      case 'blocked':
        this.#putOff.settled(task);
        break;
      case 'failed':
        if (attempts > 0 && reason.startsWith('could not be started')) this.#noteNotStarted(reason);
        break;
      case 'deferred':
        this.#noteDeferred(result);
        return;
      case 'unsettled':
        this.#noteUnsettled(result);
        return;
      case 'no-room':
        this.#noteNoRoom(result);
        return;
      case 'lost':
        // Its command may have given it back by itself, because it could not do it: it would get it again and again.
        // That a claim was not renewed for too long (this machine slept) says nothing of the task.
        if (!lease.hasExpired) this.#putOff.failed(task, job.agent, this.#parts.clock.now());
        return;
      case 'interrupted':
        return;
    }
    this.#later.works();
    const broken = this.#row.note(result, this.#parts.clock.now());
    if (broken !== undefined) this.#giveUp(broken);
  }

  #noteNotStarted(reason: string): void {
    const isAll = this.#results.every(({ outcome }) => outcome === 'failed');
    const hint = isAll ? { hint: 'nothing was done' } : {};
    this.#giveUp(new Failure('command-failed', `the command ${reason}`, hint));
  }

  #noteDeferred({ job, reason = '', retryAt }: TaskResult): void {
    const next = this.#later.notNow(reason, retryAt);
    if (next.kind === 'end') {
      this.#giveUp(next.failure);
      return;
    }
    this.#putOff.deferred(formatKey(job.task), next.taskUntil);
    if (next.pauseMs > 0) this.#parts.onEvent({ kind: 'pausing', agent: job.agent, pauseMs: next.pauseMs, reason });
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
    // The user must also be told what another agent may have claimed.
    if (isOther) this.#parts.onEvent({ kind: 'warning', agent, message: error.message });
    this.#failure ??= error instanceof Failure ? error : new Failure('internal', wordsOf(error), { cause: error });
    this.#ending.abort(this.#failure);
  }
}
