import { seededRandomness } from '../../lab/model/seeded-randomness.ts';
import type { Randomness } from '../../src/domain/base/clock.ts';
import { given } from '../../src/domain/base/given.ts';
import { poolLimit } from '../../src/domain/leases/staleness.ts';
import { DEFAULT_POOL_SETTINGS } from '../../src/domain/queue/snapshot.ts';
import {
  type Command,
  type MachineSpec,
  type MeetServerSpec,
  type ProcessEvent,
  type ProcessSpec,
  PUSH_FAULTS,
  type PushFault,
  type ServerSpec,
  type Step,
  type WorldSpec,
} from './spec.ts';
import type { Span } from './world/process.ts';

/** How far (ms) a clock is off, at most. */
const FURTHEST_MS = 60_000;

const STEPS: readonly Step[] = ['look', 'read', 'build', 'push', 'pushed', 'look-up'];

/** Chance in the forms that a world needs. */
class Dice {
  readonly #random: Randomness;

  constructor(seed: number) {
    this.#random = seededRandomness(seed);
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  /** Whole, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random.next() * (most - least + 1));
  }

  /** Mostly near the least. */
  low(least: number, most: number): number {
    return Math.floor(least + (most - least) * this.#random.next() ** 3);
  }

  among<T>(things: readonly [T, ...T[]]): T {
    return things[Math.floor(this.#random.next() * things.length)] ?? things[0];
  }

  some<T>(things: readonly T[]): readonly T[] {
    const share = this.#random.next();
    const chosen = things.filter(() => this.chance(share));
    return chosen.length > 0 ? chosen : things.slice(0, 1);
  }

  span(longest: number, latest = 20_000): Span {
    const from = this.low(0, latest);
    return { from, to: from + this.between(500, longest) };
  }
}

/**
 * The world of a seed: a few machines, many processes, a server of some kind, and a share of everything that goes
 * wrong.
 */
export function worldOf(seed: number): WorldSpec {
  const dice = new Dice(seed);
  const machines = Array.from({ length: dice.between(1, 4) }, () => machineOf(dice));
  const count = dice.between(2, 9);
  const spread = dice.among([50, 500, 5_000, 30_000]);
  const processes = Array.from({ length: count }, (_, index) =>
    processesOf(dice, index, machines.length, spread),
  ).flat();
  const tasks = dice.between(0, Math.ceil(count * 1.2));
  const stalledAfterMs = dice.chance(0.2) ? dice.among([60_000, 180_000]) : undefined;
  return {
    seed,
    tasks,
    ...given({ stalledAfterMs }),
    machines: machines.map((machine) => withinPromise(machine, stalledAfterMs)),
    processes:
      seed % 4 === 2 ? [...processes, ...changesOf(new Dice(seed ^ 0xca9ce1), machines.length, tasks)] : processes,
    server: serverOf(dice),
    latencyMs: dice.among([4, 20, 60, 300]),
    ...(dice.chance(0.25) ? { heartbeat: 'ref' as const } : {}),
    // With chance of its own, so that the rest of a seed's world is what it was before there were such servers.
    ...(seed % 3 === 1 ? { meet: meetServerOf(new Dice(seed ^ 0x5eed), machines.length) } : {}),
  };
}

/** What may become of a task while others work. */
type ChangeKind = Extract<Command, { readonly task: number }>['kind'];

/** People who change what is to be done while others work. With chance of its own, for the same reason. */
function changesOf(dice: Dice, machines: number, tasks: number): readonly ProcessSpec[] {
  const at = (): Pick<ProcessSpec, 'machine' | 'startMs'> => {
    return { machine: dice.between(0, machines - 1), startMs: dice.low(0, 40_000) };
  };
  const changed = Array.from({ length: tasks === 0 ? 0 : dice.between(1, 4) }, (_, index) => {
    const command = {
      kind: dice.among<ChangeKind>(['cancel', 'cancel', 'reopen', 'block', 'free']),
      task: dice.low(1, tasks),
    };
    return oneProcess(dice, { name: `c${index + 1}`, ...at(), command: { ...command, ...limits(dice) } });
  });
  if (dice.chance(0.5)) return changed;
  const pause = oneProcess(dice, { name: 'pause', ...at(), command: { kind: 'pause', ...limits(dice) } });
  const resume = oneProcess(dice, {
    name: 'resume',
    machine: dice.between(0, machines - 1),
    startMs: dice.among([10, 5_000, 60_000]),
    after: 'pause',
    command: { kind: 'resume' },
  });
  return [...changed, pause, ...(dice.chance(0.8) ? [resume] : [])];
}

function meetServerOf(dice: Dice, machines: number): MeetServerSpec {
  return {
    latencyMs: dice.among([1, 5, 40]),
    ...(dice.chance(0.3) ? { loss: dice.among([0.01, 0.1, 0.5]) } : {}),
    ...(dice.chance(0.3) ? { away: [dice.span(20_000)] } : {}),
    ...(dice.chance(0.3) ? { cut: [{ machine: dice.between(0, machines - 1), span: dice.span(20_000) }] } : {}),
    ...(dice.chance(0.3) ? { forgets: [dice.low(0, 5_000), dice.low(0, 20_000)] } : {}),
    ...(dice.chance(0.4) ? { knowsListeners: false as const } : {}),
    ...(dice.chance(0.5) ? { pushLimit: dice.between(1, 3) } : {}),
  };
}

/**
 * Clocks are as far apart as a pool may have them: by two minutes, or by its limit if that is less. What is told about
 * clocks that are further apart, the branch must prove: see the schedules.
 */
function withinPromise(machine: MachineSpec, stalledAfterMs: number | undefined): MachineSpec {
  if (machine.offsetMs === undefined || stalledAfterMs === undefined) return machine;
  const share = Math.min(1, poolLimit({ ...DEFAULT_POOL_SETTINGS, stalledAfterMs }).skewMs / (2 * FURTHEST_MS));
  return { ...machine, offsetMs: Math.round(machine.offsetMs * share) };
}

function machineOf(dice: Dice): MachineSpec {
  return {
    ...(dice.chance(0.2) ? { offsetMs: dice.between(-FURTHEST_MS, FURTHEST_MS) } : {}),
    ...(dice.chance(0.1) ? { rate: dice.among([0.999, 1.001]) } : {}),
    ...(dice.chance(0.05) ? { diskFull: [dice.span(10_000, 10_000)] } : {}),
    ...(dice.chance(0.05) ? { meets: false } : {}),
  };
}

function processesOf(dice: Dice, index: number, machines: number, spread: number): readonly ProcessSpec[] {
  const name = `p${index + 1}`;
  const machine = dice.between(0, machines - 1);
  const startMs = dice.between(0, spread);
  const command = commandOf(dice, `agent-${index + 1}`);
  const first = oneProcess(dice, { name, machine, startMs, command });
  if (command.kind !== 'claim' || dice.chance(0.4)) return [first];
  const next = oneProcess(dice, {
    name: `${name}b`,
    machine,
    startMs: dice.among([10, 1_000, 20_000]),
    after: name,
    command: {
      kind: dice.among(['complete', 'complete', 'review', 'release', 'heartbeat', 'note', 'edit', 'ask', 'ask']),
      claim: name,
      ...limits(dice),
    },
  });
  if (dice.chance(0.15)) {
    const take: Command = { kind: 'take', claim: name, ...limits(dice) };
    const startMs = dice.among([0, 10, 1_000, 20_000]);
    return [first, next, oneProcess(dice, { name: `${name}t`, machine, startMs, after: name, command: take })];
  }
  if (next.command.kind !== 'ask' || dice.chance(0.3)) return [first, next];
  const answer: Command = { kind: 'answer', claim: name, ...limits(dice) };
  const delay = dice.among([10, 1_000, 20_000]);
  return [
    first,
    next,
    oneProcess(dice, { name: `${name}c`, machine, startMs: delay, after: next.name, command: answer }),
  ];
}

function oneProcess(dice: Dice, spec: ProcessSpec): ProcessSpec {
  const version = dice.chance(0.06) ? { version: 'other' } : {};
  if (spec.command.kind === 'stranger' || dice.chance(0.7)) return { ...spec, ...version };
  return { ...spec, ...version, events: eventsOf(dice, spec.command) };
}

function eventsOf(dice: Dice, command: Command): readonly ProcessEvent[] {
  const at: ProcessEvent['at'] = dice.chance(0.5)
    ? { ms: dice.low(0, 10_000) }
    : { step: dice.among(STEPS as [Step, ...Step[]]), number: dice.low(1, 4) };
  const what = dice.among<ProcessEvent['do']>(['kill', 'suspend', 'suspend', 'interrupt', 'interrupt']);
  if (what === 'suspend') return [{ at, do: what, forMs: dice.among([200, 3_000, 15_000, 60_000, 240_000]) }];
  const first: ProcessEvent = { at, do: what };
  if (what !== 'interrupt' || command.kind !== 'work' || dice.chance(0.4)) return [first];
  return [first, { at: { ms: dice.between(1_000, 20_000) }, do: 'interrupt-again' }];
}

function limits(dice: Dice): { timeoutMs?: number; maxRetries?: number } {
  return {
    ...(dice.chance(0.25) ? { timeoutMs: dice.among([100, 1_000, 5_000, 20_000]) } : {}),
    ...(dice.chance(0.2) ? { maxRetries: dice.among([0, 1, 3]) } : {}),
  };
}

function commandOf(dice: Dice, agent: string): Command {
  const die = dice.between(1, 100);
  if (die <= 45) return { kind: 'claim', agent, ...limits(dice) };
  if (die <= 66) {
    return { kind: 'claim', agent, waitMs: dice.among([1_000, 20_000, 120_000, 400_000]), ...limits(dice) };
  }
  if (die <= 80) {
    return {
      kind: 'work',
      agents: dice.between(1, 4),
      runsMs: dice.among([10, 1_000, 15_000, 150_000]),
      idle: dice.chance(0.5) ? 'leave' : dice.among([2_000, 150_000]),
      ...(dice.chance(0.3) ? { maxTasks: dice.between(1, 3) } : {}),
      ...(dice.chance(0.1) ? { stubborn: true } : {}),
    };
  }
  if (die <= 88) return { kind: 'add', ...limits(dice) };
  if (die <= 93) return { kind: 'release-stalled' };
  if (die <= 97) return { kind: 'watch' };
  return { kind: 'stranger', says: dice.among(['nonsense', 'nothing']) };
}

function serverOf(dice: Dice): ServerSpec {
  const isHealthy = dice.chance(0.25);
  const kinds = dice.some(PUSH_FAULTS) as readonly PushFault[];
  const within = { from: 0, to: dice.among([2_000, 10_000, 60_000]) };
  return {
    ...(dice.chance(0.15) ? { atomic: false } : {}),
    ...(dice.chance(0.2)
      ? { making: dice.among(['refused', 'unknown-words', 'hidden', 'short-names', 'too-large'] as const) }
      : {}),
    ...(dice.chance(0.12) ? { deleting: dice.among(['refused', 'unknown-words'] as const) } : {}),
    ...(isHealthy ? {} : { faults: { share: dice.among([0.02, 0.1, 0.3, 0.6]), within, kinds } }),
    ...(dice.chance(0.2) ? { outages: [dice.span(90_000)] } : {}),
    ...(dice.chance(0.08) ? { limited: [dice.span(60_000)] } : {}),
    ...(dice.chance(0.08) ? { silent: [dice.span(60_000)] } : {}),
  };
}
