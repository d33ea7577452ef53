import { MemoryStore } from '../../../lab/model/memory-store.ts';
import { ModelMachine } from '../../../lab/model/model-machine.ts';
import { ModelRemote } from '../../../lab/model/model-remote.ts';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { type Decided, decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import type { CommitFacts } from '../../../src/domain/past/activity.ts';
import { failureOf } from '../../../src/engine/base/refusal.ts';
import { standingsOf } from '../../../src/engine/open/carrier.ts';
import type { PoolOptions, PoolReport } from '../../../src/engine/pool/options.ts';
import { runPool } from '../../../src/engine/pool/pool.ts';
import { renewAll } from '../../../src/engine/queue/renewal.ts';
import type { Submitted } from '../../../src/engine/queue/submitted.ts';
import type { Tip } from '../../../src/engine/queue/tips.ts';
import { scopeOf } from '../../../src/engine/transaction/scope.ts';
import type { WorkEvent } from '../../../src/engine/work/events.ts';
import type { WorkQueue } from '../../../src/engine/work/work-queue.ts';
import type { CommandEnd, CommandSaid, RunningCommand } from '../../../src/engine/work/workspace.ts';
import { snapshotOf, type TaskSpec } from '../queues/snapshots.ts';

/** Some day, in ms since the epoch. */
export const START: number = Date.UTC(2025, 0, 2, 3, 4, 5);

export const MINUTE = 60_000;

const DEFAULTS: PoolOptions = {
  agents: ['a1'],
  filter: {},
  prefer: undefined,
  staggerMs: 0,
  maxTasks: undefined,
  until: 'nothing-claimable',
  idle: { kind: 'leave' },
  heartbeatMs: undefined,
  rules: { graceMs: 10_000, timeoutMs: undefined, retries: undefined, retryDelayMs: 10_000 },
};

/** How a command of the model behaves. */
export interface ModelCommand {
  readonly runsMs: number;
  readonly code?: number;
  /** Ends only when it is killed. */
  readonly stubborn?: boolean;
}

/** A pool that works in simulated time on a queue in memory, with the real transaction below it. */
export class ModelPool {
  readonly time = new VirtualTime(START);
  readonly remote: ModelRemote;
  readonly events: WorkEvent[] = [];
  readonly interrupt = new AbortController();
  readonly urgent = new AbortController();
  /** While false, nothing reaches the remote. */
  isReachable = true;
  /** Answers an intent in the place of the queue; undefined: the queue does. */
  instead: (intent: Intent) => Promise<Submitted> | undefined = () => undefined;
  /** What was asked of the queue, in order. */
  readonly asked: Intent[] = [];
  /** From where on each was to be looked for. */
  readonly bases: (string | undefined)[] = [];
  /** Run after each command. */
  checks: readonly string[] = [];
  /** What a success lacks, and what the command says about its work. */
  lacks: string | undefined;
  says: CommandSaid = { problems: [] };
  onCheck: (task: string, check: string) => ModelCommand = () => ({ runsMs: 0 });
  /** What happens before a task's command can start; may throw. */
  opening: (agent: string) => void = () => undefined;
  /** The machine has no room for more commands at once than this. */
  room = Number.POSITIVE_INFINITY;
  /** Whether the pool sees the branch move: it is looked at every second then. */
  isWatched = false;
  /** How often the pool has read what is on the branch, besides what it submitted. */
  readings = 0;
  #running = 0;
  readonly #random = seededRandomness(7);
  readonly #machine: ModelMachine;

  constructor(tasks: readonly TaskSpec[]) {
    this.remote = new ModelRemote('develop', snapshotOf(tasks));
    this.#machine = new ModelMachine({
      remote: this.remote,
      clock: this.time,
      random: this.#random,
      delays: { look: () => 10, read: () => 10, build: () => 10, push: () => 30 },
      combine: 'all',
      host: 'free',
      rivals: 'unseen',
      atomic: true,
      maxRetries: 2,
      fault: () => (this.isReachable ? undefined : 'never-arrived'),
      hopMs: 1,
    });
  }

  /** Somebody else's intent. */
  async submit(intent: Intent): Promise<Submitted> {
    const { settled, ...effort } = await this.#machine.submit(intent, { isAlive: true });
    if (settled.kind === 'refused') throw failureOf(settled.refusal);
    return {
      outcome: settled.outcome,
      commit: settled.commit,
      base: settled.kind === 'done' ? settled.base : undefined,
      ...effort,
      elapsedMs: 0,
    };
  }

  id(): string {
    return this.#random.id();
  }

  /** Runs the pool to its end; `beside` is what happens at the same time. */
  run(
    options: Partial<PoolOptions>,
    command: (task: string, attempt: number) => ModelCommand,
    beside: () => Promise<void> = async () => undefined,
  ): Promise<PoolReport> {
    const submit: WorkQueue['submit'] = (intent, { base } = {}) => {
      this.asked.push(intent);
      this.bases.push(base);
      return this.instead(intent) ?? this.submit(intent);
    };
    const queue: WorkQueue = {
      submit,
      read: () => (this.isWatched ? Promise.resolve(this.#reader()) : Promise.reject(new Error('nothing is read'))),
      renew: (intents) => renewAll(intents, { submit, beat: async () => 'written' }),
      tips: {
        look: async () => this.remote.tip,
        lookAlone: async () => this.remote.tip,
        changed: (known, signal) => this.#changed(known, signal),
      },
    };
    const pool = runPool(
      { ...DEFAULTS, ...options },
      {
        queue,
        workspaces: {
          open: async ({ task, agent }) => {
            this.opening(agent);
            return {
              checks: this.checks,
              start: (attempt) => this.#start(command(task.id, attempt)),
              lacking: async () => this.lacks,
              said: async () => this.says,
              startCheck: (check) => this.#start(this.onCheck(task.id, check)),
              clear: async () => ({}),
            };
          },
        },
        clock: this.time,
        random: this.#random,
        interrupt: this.interrupt.signal,
        urgent: this.urgent.signal,
        onEvent: (event) => this.events.push(event),
        checkout: { claimed: async () => undefined, pushed: () => undefined },
      },
    );
    return this.time.run(Promise.all([pool, beside()]).then(([report]) => report));
  }

  /** What is on the branch, without waiting for it. */
  #atOnce(): MemoryStore {
    const delays = { look: () => 0, read: () => 0, build: () => 0, push: () => 0 };
    return new MemoryStore({ remote: this.remote, clock: this.time, random: this.#random, delays });
  }

  async #changed(known: Tip, signal: AbortSignal | undefined): Promise<Tip> {
    while (!this.isWatched || this.remote.tip === known) await this.time.sleep(1_000, signal);
    return this.remote.tip;
  }

  /** Decides on the branch as it is, and changes nothing. */
  #reader(): Awaited<ReturnType<WorkQueue['read']>> {
    const decided = async (intents: readonly Intent[]): Promise<Decided> => {
      this.readings++;
      const snapshot = await this.#atOnce().snapshot(this.remote.tip, scopeOf(intents, this.time.now()));
      return decide(snapshot, intents, this.time.now());
    };
    const effort = { attempts: 1, rejectedPushes: 0, backoffBaseMs: 0, elapsedMs: 0 };
    return {
      standing: async (heartbeats) => standingsOf(await decided(heartbeats)),
      rehearse: async (intent) => {
        const [decision] = (await decided([intent])).decisions;
        if (decision === undefined) throw new Error('one intent, no decision');
        if (decision.kind === 'refused') throw failureOf(decision.refusal);
        return { outcome: decision.outcome, commit: undefined, base: undefined, ...effort };
      },
    };
  }

  /** Commits of the branch, oldest first. */
  async commits(): Promise<CommitFacts[]> {
    const commits: CommitFacts[] = [];
    for await (const commit of this.#atOnce().history(this.remote.tip, 10_000)) commits.unshift(commit);
    return commits;
  }

  #start(command: ModelCommand): RunningCommand {
    if (this.#running >= this.room) {
      const failure = new Failure('machine-unusable', 'no more files', { details: { lacks: 'files', passing: true } });
      const ended = Promise.resolve({ kind: 'not-started', message: failure.message, failure } as const);
      return { ended, stop: () => undefined };
    }
    this.#running++;
    const running = this.#run(command);
    void running.ended.then(() => {
      this.#running--;
    });
    return running;
  }

  #run({ runsMs, code = 0, stubborn = false }: ModelCommand): RunningCommand {
    const { time } = this;
    const over = new AbortController();
    let stop = (_graceMs: number): void => undefined;
    const ended = new Promise<CommandEnd>((resolve) => {
      const end = (how: CommandEnd): void => {
        resolve(how);
        over.abort();
      };
      time.sleep(runsMs, over.signal).then(
        () => end({ kind: 'exited', code, output: ['last words'] }),
        () => undefined,
      );
      stop = (graceMs) => {
        const killed = { kind: 'signalled', signal: 'SIGKILL', output: [] } as const;
        if (graceMs === 0) end(killed);
        else if (!stubborn) end({ kind: 'signalled', signal: 'SIGTERM', output: [] });
        else
          time.sleep(graceMs, over.signal).then(
            () => end(killed),
            () => undefined,
          );
      };
    });
    return { ended, stop: (graceMs) => stop(graceMs) };
  }
}
