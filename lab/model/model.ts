import type { Clock, Randomness } from '../../src/domain/base/clock.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import type { Intent } from '../../src/domain/intents/intent.ts';
import { locationOf } from '../../src/domain/queue/layouts.ts';
import { DEFAULT_POOL_SETTINGS, type QueueSnapshot, type TaskEntry } from '../../src/domain/queue/snapshot.ts';
import { formatKey, type TaskKey } from '../../src/domain/queue/task.ts';
import type { LookBack } from './memory-history.ts';
import type { PushFault } from './memory-remote.ts';
import type { Delays } from './memory-store.ts';
import { ModelMachine, type ModelProcess } from './model-machine.ts';
import { ModelRemote } from './model-remote.ts';
import { seededRandomness } from './seeded-randomness.ts';
import { VirtualTime } from './virtual-time.ts';

/** What is modelled. Times are in ms, shares from 0 to 1. */
export interface ModelSetting {
  readonly agents: number;
  readonly tasks: number;
  readonly machines: number;
  readonly projects: number;
  readonly latencyMs: number;
  /** null: every agent claims once. */
  readonly workMs: number | null;
  readonly crashed: number;
  readonly seed: number;
  readonly combine?: 'all' | 'remote' | 'none';
  readonly host?: 'free' | 'crowded';
  /** Whether every machine has lost a race just before it begins. */
  readonly rivals?: 'seen' | 'unseen';
  readonly atomic?: boolean;
  readonly maxRetries?: number;
  /** Share of pushes with which something goes wrong. */
  readonly faults?: number;
  /** Merges that a human pushes during the race. */
  readonly merges?: number;
  /** Only for tests that must see a defect found. */
  readonly lookBack?: LookBack;
}

/** What one agent of the model was told. */
export interface ModelAnswer {
  readonly agent: string;
  readonly action: 'claim' | 'complete';
  readonly kind: 'done' | 'nothing' | 'gave-up' | 'killed' | 'failed';
  /** `project/TASK-ID`; undefined if it got none. */
  readonly task: string | undefined;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly words: string | undefined;
}

export interface ModelOutcome {
  readonly answers: readonly ModelAnswer[];
  readonly remote: ModelRemote;
}

/**
 * The cost (ms) of connections and of the start of a process without any latency, as measured with real agents on
 * loopback: how long git and its remote take for a look, for fetching and reading, for building, and for a push.
 */
export const COSTS = { look: 8, read: 15, build: 12, buildCommit: 0.15, push: 15, start: 40, hop: 2 } as const;

/** How much every figure varies: by at most this share upwards, and half of it downwards. */
const SPREAD = 0.5;

/** When the model's clock begins; any time will do, if it is always the same. */
const START = Date.UTC(2026, 0, 1);

/** Runs the whole race in virtual time: the same seed gives the same figures, on any machine. */
export async function runModel(setting: ModelSetting): Promise<ModelOutcome> {
  const random = seededRandomness(setting.seed);
  const time = new VirtualTime(START);
  const remote = new ModelRemote('develop', modelQueue(setting), setting.lookBack);
  const delays = delaysOf(setting, random);
  const machines = Array.from(
    { length: setting.machines },
    () =>
      new ModelMachine({
        remote,
        clock: time,
        random,
        delays,
        combine: setting.combine ?? 'all',
        host: setting.host ?? 'free',
        rivals: setting.rivals ?? 'unseen',
        atomic: setting.atomic ?? true,
        maxRetries: setting.maxRetries ?? 8,
        fault: () => faultOf(setting, random),
        hopMs: COSTS.hop,
      }),
  );
  const perMachine = Math.ceil(setting.agents / setting.machines);
  const answers = Array.from({ length: setting.agents }, (_, index) => {
    const machine = machines[index % setting.machines];
    if (machine === undefined) throw new Error('an agent without a machine');
    // A machine starts its processes one after another.
    const startMs = vary(COSTS.start * (1 + Math.floor(index / setting.machines)), random);
    const crashMs = random.next() < setting.crashed ? random.next() * horizon(setting, perMachine) : undefined;
    return new ModelAgent(`agent-${index + 1}`, machine, time, random, setting).live(startMs, crashMs);
  });
  const merging = mergeByHand(setting, remote, time, random);
  const all = await time.run(Promise.all(answers));
  await Promise.race([merging, Promise.resolve()]);
  return { answers: all.flat(), remote };
}

class ModelAgent {
  readonly #name: string;
  readonly #machine: ModelMachine;
  readonly #clock: Clock;
  readonly #random: Randomness;
  readonly #setting: ModelSetting;
  readonly #process: ModelProcess = { isAlive: true };
  readonly #answers: ModelAnswer[] = [];

  constructor(name: string, machine: ModelMachine, clock: Clock, random: Randomness, setting: ModelSetting) {
    this.#name = name;
    this.#machine = machine;
    this.#clock = clock;
    this.#random = random;
    this.#setting = setting;
  }

  async live(startMs: number, crashMs: number | undefined): Promise<readonly ModelAnswer[]> {
    const { workMs } = this.#setting;
    const killed = new Promise<undefined>((resolve) => {
      if (crashMs !== undefined) void this.#dieAfter(crashMs).then(() => resolve(undefined));
    });
    let delayMs = startMs;
    for (;;) {
      const claimed = await this.#ask('claim', delayMs, killed, {
        kind: 'claim',
        request: this.#random.id(),
        agent: this.#name,
        filter: {},
        attempt: 1,
        waitedMs: 0,
      });
      if (claimed === undefined || workMs === null) return this.#answers;
      await Promise.race([this.#clock.sleep(workMs), killed]);
      if (!this.#process.isAlive) return this.#answers;
      delayMs = vary(COSTS.start, this.#random);
      const completed = await this.#ask('complete', delayMs, killed, {
        kind: 'complete',
        request: this.#random.id(),
        agent: this.#name,
        task: claimed,
      });
      if (completed === undefined) return this.#answers;
    }
  }

  /** @returns the task, if it was done */
  async #ask(
    action: ModelAnswer['action'],
    startMs: number,
    killed: Promise<undefined>,
    intent: Intent,
  ): Promise<TaskKey | undefined> {
    const startedAt = this.#clock.now();
    const asked = this.#clock.sleep(startMs).then(() => this.#machine.submit(intent, this.#process));
    // A killed agent is gone at once, whatever its last request still does.
    const answered = await Promise.race([asked.catch((error: unknown) => ({ error })), killed]);
    const { kind, task, words } = this.#read(answered);
    this.#answers.push({
      agent: this.#name,
      action,
      kind,
      task: task && formatKey(task),
      startedMs: startedAt - START,
      endedMs: this.#clock.now() - START,
      words,
    });
    return task;
  }

  #read(answered: Awaited<ReturnType<ModelMachine['submit']>> | { readonly error: unknown } | undefined): {
    readonly kind: ModelAnswer['kind'];
    readonly task?: TaskKey;
    readonly words?: string;
  } {
    if (!this.#process.isAlive || answered === undefined) return { kind: 'killed' };
    if ('error' in answered) {
      const { error } = answered;
      const kind = error instanceof Failure && error.code === 'retries-exhausted' ? 'gave-up' : 'failed';
      return { kind, words: error instanceof Error ? error.message : String(error) };
    }
    const { settled } = answered;
    if (settled.kind === 'done' && 'key' in settled.outcome) return { kind: 'done', task: settled.outcome.key };
    if (settled.kind === 'refused' && settled.refusal.code === 'nothing-claimable') return { kind: 'nothing' };
    return { kind: 'failed', words: settled.kind === 'refused' ? settled.refusal.message : 'an odd answer' };
  }

  async #dieAfter(ms: number): Promise<void> {
    await this.#clock.sleep(ms);
    this.#process.isAlive = false;
  }
}

function delaysOf({ latencyMs }: ModelSetting, random: Randomness): Delays {
  const connection = (costMs: number): number => latencyMs + vary(costMs, random);
  return {
    look: () => connection(COSTS.look),
    read: () => connection(COSTS.read),
    build: (commits) => vary(COSTS.build + commits * COSTS.buildCommit, random),
    push: () => connection(COSTS.push),
  };
}

function vary(ms: number, random: Randomness): number {
  return ms * (1 + SPREAD * (1.5 * random.next() - 0.5));
}

function faultOf({ faults = 0 }: ModelSetting, random: Randomness): PushFault | undefined {
  if (faults === 0 || random.next() >= faults) return undefined;
  const kinds = ['answer-lost', 'half-branch', 'half-others', 'never-arrived'] as const;
  return kinds[Math.floor(random.next() * kinds.length)];
}

async function mergeByHand(
  { merges = 0, latencyMs }: ModelSetting,
  remote: ModelRemote,
  clock: Clock,
  random: Randomness,
): Promise<void> {
  for (let merge = 0; merge < merges; merge++) {
    const from = remote.tip;
    await clock.sleep(random.next() * (200 + 4 * latencyMs));
    remote.mergeByHand(from, clock.now());
  }
}

function horizon({ latencyMs, workMs, tasks, agents }: ModelSetting, perMachine: number): number {
  const rounds = workMs === null ? 1 : Math.max(1, tasks / agents);
  return COSTS.start * perMachine + rounds * (300 + 6 * latencyMs + (workMs ?? 0));
}

function modelQueue({ tasks, projects }: ModelSetting): QueueSnapshot {
  const names = Array.from({ length: projects }, (_, index) => `project-${index + 1}`);
  const entries = new Map(names.map((name) => [name, [] as TaskEntry[]]));
  for (let number = 1; number <= tasks; number++) {
    const project = names[(number - 1) % projects] ?? '';
    const location = locationOf('agents', project);
    const id = `TASK-${number}`;
    entries.get(project)?.push({
      key: { project, id },
      state: 'ready',
      path: `${location.folders.ready}${id}.toon`,
      blob: '0'.repeat(40),
      mode: '100644',
      location,
      reading: {
        kind: 'read',
        task: {
          title: `Modelled task ${number}`,
          priority: 1 + (number % 9),
          status: 'ready',
          acceptanceCriteria: [],
          required: [],
          blocks: [],
          labels: {},
        },
        findings: [],
      },
    });
  }
  return {
    tip: '',
    projects: new Map(
      names.map((name) => [
        name,
        {
          name,
          locations: [locationOf('agents', name)],
          entries: entries.get(name) ?? [],
          stalls: new Map<string, number>(),
        },
      ]),
    ),
    settings: DEFAULT_POOL_SETTINGS,
    findings: [],
  };
}
