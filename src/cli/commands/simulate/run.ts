import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Setting } from '../../../../lab/simulation/figures.ts';
import { measure } from '../../../../lab/simulation/measure.ts';
import { MODEL_NOTES, modelled, scaledTo } from '../../../../lab/simulation/modelled.ts';
import type { SimulateResult, SimulationRun } from '../../../../lab/simulation/simulation.ts';
import { parseDuration } from '../../../domain/base/duration.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { quote, remoteProblem } from '../../../domain/base/names.ts';
import { showMeeting } from '../../../domain/meeting/meeting-url.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { ownProgram } from '../../command/own-process.ts';
import { usage } from '../../command/usage.ts';
import { toSvg } from './svg.ts';

/** Each agent is a process; larger pools are for the model. */
const MOST_AGENTS = 1_000;
const MOST_TASKS = 100_000;
const MOST_MODELLED = 20_000;
const MODELLED: readonly number[] = [1_000, 10_000];
const LARGEST_SEED = 2 ** 32 - 1;

/** Options of `agentq simulate`. */
export interface SimulateOptions extends CommonOptions {
  readonly setting: Setting;
  /** One of the user's remotes; undefined: a temporary repository. */
  readonly remote: string | undefined;
  readonly comparison: 'v2' | undefined;
  /** Pools to model, by their number of agents. */
  readonly modelled: readonly number[];
  readonly presentation: 'table' | 'csv';
  readonly svg: string | undefined;
}

/** Reads the options of `agentq simulate`. */
export function parse(input: Input): SimulateOptions {
  const agents = input.integer('agents', 1, MOST_AGENTS) ?? 10;
  const tasks = input.integer('tasks', 1, MOST_TASKS) ?? agents;
  const setting: Setting = {
    algorithm: 'agentq',
    source: 'measured',
    agents,
    tasks,
    machines: input.integer('machines', 1, agents) ?? 1,
    projects: input.integer('projects', 1, tasks) ?? 1,
    latencyMs: milliseconds(input, 'latency') ?? 0,
    workMs: milliseconds(input, 'work') ?? null,
    crashed: percentage(input, 'crash') ?? 0,
    seed: input.integer('seed', 0, LARGEST_SEED) ?? 1,
  };
  const presentation = input.isOn('csv') ? 'csv' : 'table';
  if (presentation === 'csv' && input.isOn('json')) throw usage('--csv and --json exclude each other');
  const remote = input.typed('remote', remoteProblem);
  const comparison = input.word('compare', ['v2']);
  if (remote !== undefined && comparison !== undefined) throw usage('--compare works in a temporary repository only');
  if (remote !== undefined && setting.latencyMs > 0) {
    throw usage(`--latency is for a temporary repository: ${remote} has its own latency`);
  }
  return {
    setting,
    remote,
    comparison,
    modelled: input.isGiven('model') ? (sizes(input, 'model') ?? MODELLED) : [],
    presentation,
    svg: input.typed('svg', (file) => (file.includes('\0') ? 'the file has a NUL in its name' : undefined)),
  };
}

/** Lets pools of agents race, one pool after another. */
export async function run(options: SimulateOptions, context: CommandContext): Promise<SimulateResult> {
  const { setting, comparison, presentation } = options;
  const runs = [await measured(setting, options.remote, context)];
  if (comparison !== undefined) runs.push(await measured({ ...setting, algorithm: comparison }, undefined, context));
  const { modelled: pools } = options;
  // The measured pool first, so that the reader sees how far the model is from what was measured.
  for (const agents of pools.length === 0 ? [] : [setting.agents, ...pools]) {
    context.signal.throwIfAborted();
    const scaled = scaledTo(agents, setting);
    context.log.info(`${agents} agents on ${scaled.machines} machines claim from ${scaled.tasks} tasks, in a model`);
    runs.push(await modelled(scaled));
  }
  if (options.svg !== undefined) await draw(resolve(context.config.dir, options.svg), runs);
  const held = runs.every(({ algorithm, violations }) => algorithm !== 'agentq' || violations.length === 0);
  return { held, runs, notes: pools.length === 0 ? [] : MODEL_NOTES, presentation };
}

function measured(setting: Setting, remote: string | undefined, context: CommandContext): Promise<SimulationRun> {
  const { algorithm, agents, tasks, machines } = setting;
  const where = machines === 1 ? 'one machine' : `${machines} machines`;
  context.log.info(`${agents} agents of ${algorithm} on ${where} claim from ${tasks} tasks`);
  const { url, passedOn = {} } = context.config.meet ?? {};
  if (url !== undefined) context.log.info(`the machines meet at ${showMeeting(url)}`);
  const certificates = Object.entries(context.env).flatMap(([name, value]) =>
    value !== undefined && /^AGENTQ_MEET_(?:CA|CERT|KEY)$/.test(name) ? [[name, value] as const] : [],
  );
  const meet = { ...Object.fromEntries(certificates), ...passedOn };
  return measure(setting, remote, { ...context, program: ownProgram(), meet });
}

async function draw(path: string, runs: readonly SimulationRun[]): Promise<void> {
  try {
    await writeFile(path, toSvg(runs));
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('config-invalid', `the plot cannot be written: ${words}`, { cause });
  }
}

/** A duration that may be zero. */
function milliseconds(input: Input, flag: string): number | undefined {
  let ms: number | undefined;
  input.typed(flag, (text) => {
    const parsed = parseDuration(text);
    if (parsed.kind === 'problem') return `--${flag} ${quote(text)}: ${parsed.problem}`;
    ms = parsed.ms;
    return undefined;
  });
  return ms;
}

/** Numbers of agents, separated by commas; undefined if none are given. */
function sizes(input: Input, flag: string): readonly number[] | undefined {
  let numbers: readonly number[] | undefined;
  input.typed(flag, (text) => {
    numbers = text.split(',').map(Number);
    const areSizes = numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= MOST_MODELLED);
    return areSizes ? undefined : `--${flag} must be numbers of agents up to ${MOST_MODELLED}, not ${quote(text)}`;
  });
  return numbers;
}

/** `5%` or `0.05`. */
function percentage(input: Input, flag: string): number | undefined {
  let share: number | undefined;
  input.typed(flag, (text) => {
    const [, digits, sign] = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? [];
    const value = Number(digits) / (sign === '%' ? 100 : 1);
    if (!(value >= 0 && value <= 1)) return `--${flag} must be a share such as 5%, not ${quote(text)}`;
    share = value;
    return undefined;
  });
  return share;
}
