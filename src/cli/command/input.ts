import { parseDuration } from '../../domain/base/duration.ts';
import {
  agentProblem,
  branchProblem,
  claimIdProblem,
  projectProblem,
  quote,
  requestProblem,
  taskIdProblem,
} from '../../domain/base/names.ts';
import { closest } from '../../domain/base/suggest.ts';
import type { TaskReference } from '../../domain/intents/intent.ts';
import type { Environment } from '../output/io.ts';
import { ENVIRONMENT } from './environment.ts';
import { pairsOf, usage } from './usage.ts';

/** A command line, taken apart but not checked. */
export interface Invocation {
  readonly command: string;
  /** By the name of the argument. `""` counts as not given, and is absent. */
  readonly args: Readonly<Record<string, string>>;
  /** The values of the argument that takes all the rest. */
  readonly rest?: readonly string[];
  /** The command line after `--`, for a command that runs others. */
  readonly tail?: readonly string[];
  /** By the long flag of the option, without the dashes; `--no-x` is `x: false`. */
  readonly flags: Readonly<Record<string, string | boolean | readonly string[]>>;
}

/** A value, and where it comes from, for messages. */
interface Given {
  readonly text: string;
  readonly source: string;
}

/** The longest time (ms) to wait; undefined: forever. */
export interface Wait {
  readonly ms: number | undefined;
}

/** Reads values from the command line, or else from the environment. Refuses invalid ones with exit 64. */
export class Input {
  readonly #invocation: Invocation;
  readonly #env: Environment;

  constructor(invocation: Invocation, env: Environment) {
    this.#invocation = invocation;
    this.#env = env;
  }

  get command(): string {
    return this.#invocation.command;
  }

  /** The agent that acts. */
  agent(): string {
    return this.#checked({ text: this.#required('agent-id'), source: '<agent-id>' }, agentProblem);
  }

  /** The project that the command line or the environment names. */
  project(): string | undefined {
    const given = this.#argument('project') ?? this.#variable('AGENTQ_PROJECT');
    return given && this.#checked(given, projectProblem);
  }

  /** The branch that an argument, an option or the environment names. */
  branch(): string | undefined {
    const positional = this.#argument('branch');
    const flag = this.#flagText('branch');
    if (positional && flag && positional.text !== flag.text) {
      throw usage(`two branches are given: ${quote(positional.text)} and --branch ${quote(flag.text)}`);
    }
    const given = positional ?? flag ?? this.#variable('AGENTQ_BRANCH');
    return given && this.#checked(given, branchProblem);
  }

  /** A request that may have been carried out before, and must be looked up first. */
  request(): string | undefined {
    return this.typed('request', requestProblem);
  }

  /** The task that a required argument names, in the project that a second argument may name. */
  task(argument: string): TaskReference {
    return this.#reference({ text: this.#required(argument), source: `<${argument}>` });
  }

  /** The task that an optional argument names. */
  optionalTask(argument: string): TaskReference | undefined {
    const given = this.#argument(argument);
    return given && this.#reference(given);
  }

  /** The task that an option names. */
  taskFlag(flag: string): TaskReference | undefined {
    const given = this.#flagText(flag);
    return given && this.#reference(given);
  }

  /** The tasks that a repeatable option names. */
  taskFlags(flag: string): readonly TaskReference[] {
    return this.list(flag).map((text) => this.#reference({ text, source: `--${flag}` }));
  }

  /** A variable as it is: one that `agentq work` sets for its commands, or one that is checked where it is used. */
  workers(name: `AGENTQ_${string}`): string | undefined {
    return this.#variable(name)?.text;
  }

  /** The tasks that the last, repeatable argument names; without a project, in the environment's project, if any. */
  tasks(argument: string): readonly TaskReference[] {
    return this.rest(argument, () => undefined).map((text) => this.#reference({ text, source: `<${argument}>` }));
  }

  /** The text of a required argument, as it was typed. */
  words(argument: string): string {
    return this.#required(argument);
  }

  /** An optional argument, checked by `problem`. */
  argument(name: string, problem: (value: string) => string | undefined): string | undefined {
    const given = this.#argument(name);
    return given && this.#checked(given, problem);
  }

  /** All values of the last, repeatable argument, checked by `problem`. */
  rest(name: string, problem: (value: string) => string | undefined): readonly string[] {
    const given = (this.#invocation.rest ?? []).filter((text) => text !== '');
    return given.map((text) => this.#checked({ text, source: `[${name}...]` }, problem));
  }

  /** The command line after `--`. */
  tail(): readonly string[] {
    const tail = this.#invocation.tail ?? [];
    if (tail[0] !== undefined && tail[0] !== '') return tail;
    throw usage('no command is given', `put it after --, such as \`agentq ${this.command} agent-1 -- ./agent.sh\``);
  }

  /** The same, if the command need not have one. */
  optionalTail(): readonly string[] | undefined {
    return this.#invocation.tail === undefined ? undefined : this.tail();
  }

  /** A text option, checked by `problem`. */
  text(flag: string, problem: (value: string) => string | undefined): string | undefined {
    const given = this.#flagOrVariable(flag);
    return given && this.#checked(given, problem);
  }

  /** A text option of the command line only: a variable of the same name is about other commands. */
  typed(flag: string, problem: (value: string) => string | undefined): string | undefined {
    const given = this.#flagText(flag);
    return given && this.#checked(given, problem);
  }

  /** All values of a repeatable option, trimmed; empty ones are left out. */
  list(flag: string): readonly string[] {
    const given = this.#invocation.flags[flag];
    return (Array.isArray(given) ? given : []).map((text: string) => text.trim()).filter((text) => text !== '');
  }

  /** Whether the option is on the command line, even if it is empty. */
  isGiven(flag: string): boolean {
    return this.#invocation.flags[flag] !== undefined;
  }

  /** One of a few words. */
  word<const Word extends string>(flag: string, words: readonly Word[]): Word | undefined {
    const given = this.#flagOrVariable(flag);
    if (given === undefined) return undefined;
    const word = words.find((candidate) => candidate === given.text);
    if (word !== undefined) return word;
    const meant = closest(given.text, words);
    throw usage(
      `${given.source} must be ${words.join(' or ')}, not ${quote(given.text)}`,
      meant === undefined ? undefined : `did you mean ${meant}?`,
    );
  }

  /** A whole number within limits. */
  integer(flag: string, least: number, most: number): number | undefined {
    const given = this.#flagOrVariable(flag);
    if (given === undefined) return undefined;
    const value = /^[+-]?\d{1,15}$/.test(given.text) ? Number(given.text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw usage(`${given.source} must be a whole number from ${least} to ${most}, not ${quote(given.text)}`);
  }

  /** A duration longer than zero, in milliseconds. */
  duration(flag: string): number | undefined {
    const given = this.#flagOrVariable(flag);
    return given && this.#duration(given);
  }

  /** A wait, with or without a time limit. The environment says `1`, `0` or a duration. */
  wait(flag: string): Wait | undefined {
    const value = this.#invocation.flags[flag];
    if (value === true || value === '') return { ms: undefined };
    const variable = value === undefined ? this.#variableOf(`--${flag}`) : undefined;
    if (variable !== undefined && /^[a-z]+$|^[01]$/i.test(variable.text)) {
      return isTruthy(variable) ? { ms: undefined } : undefined;
    }
    const ms = this.duration(flag);
    return ms === undefined ? undefined : { ms };
  }

  /** A duration longer than zero, of the command line only, in milliseconds. */
  typedDuration(flag: string): number | undefined {
    const given = this.#flagText(flag);
    return given && this.#duration(given);
  }

  /** Whether a switch is on, by flag or by a variable that says 1, true, yes or on. */
  isOn(flag: string): boolean {
    const value = this.#invocation.flags[flag];
    if (value !== undefined) return value === true;
    const variable = this.#variableOf(`--${flag}`);
    return variable !== undefined && isTruthy(variable);
  }

  /** Whether a `--no-x` switch, or its variable, turns x off. */
  isOff(flag: string): boolean {
    if (this.#invocation.flags[flag] === false) return true;
    const variable = this.#variableOf(`--no-${flag}`);
    return variable !== undefined && isTruthy(variable);
  }

  /** `key=value` pairs. The same key twice is an error, unless both values are the same. */
  pairs(flag: string): Readonly<Record<string, string>> {
    const given = this.#invocation.flags[flag];
    return pairsOf(flag, Array.isArray(given) ? given : []);
  }

  /**
   * The claim that the caller holds: `--claim-id`, or the variable that agentq sets for a worker. The variable is about
   * the worker's own task only, so that it must not fence a command about another task.
   */
  claimId(task: TaskReference): string | undefined {
    const flag = this.#flagText('claim-id');
    if (flag) return this.#checked(flag, claimIdProblem);
    const variable = this.#variable('AGENTQ_CLAIM_ID');
    if (variable === undefined) return undefined;
    const own = this.#variable('AGENTQ_TASK_ID');
    return own === undefined || namesSame(own.text, task) ? this.#checked(variable, claimIdProblem) : undefined;
  }

  #reference(given: Given): TaskReference {
    const parts = given.text.split('/');
    const [first = '', second] = parts;
    if (parts.length > 2) throw usage(`${given.source} ${quote(given.text)} is neither TASK-ID nor project/TASK-ID`);
    const id = this.#checked({ ...given, text: second ?? first }, taskIdProblem);
    const named = this.#argument('project');
    if (named) this.#checked(named, projectProblem);
    if (second === undefined) {
      const project = this.project();
      return project === undefined ? { id } : { project, id };
    }
    const project = this.#checked({ ...given, text: first }, projectProblem);
    if (named && named.text !== project) {
      throw usage(`${given.source} ${quote(given.text)} is not in the project given beside it, ${quote(named.text)}`);
    }
    return { project, id };
  }

  #duration(given: Given): number {
    const parsed = parseDuration(given.text);
    if (parsed.kind === 'problem') throw usage(`${given.source} ${quote(given.text)}: ${parsed.problem}`);
    if (parsed.ms === 0) throw usage(`${given.source} must be longer than zero`);
    return parsed.ms;
  }

  #required(argument: string): string {
    const given = this.#argument(argument);
    if (given === undefined) throw usage(`<${argument}> is missing`, `see \`agentq ${this.command} --help\``);
    return given.text;
  }

  #argument(name: string): Given | undefined {
    const text = this.#invocation.args[name];
    return text === undefined ? undefined : { text, source: `[${name}]` };
  }

  #flagText(flag: string): Given | undefined {
    const value = this.#invocation.flags[flag];
    return typeof value === 'string' && value !== '' ? { text: value, source: `--${flag}` } : undefined;
  }

  #flagOrVariable(flag: string): Given | undefined {
    return this.#flagText(flag) ?? this.#variableOf(`--${flag}`);
  }

  #variableOf(flag: string): Given | undefined {
    const variable = ENVIRONMENT.find((candidate) => candidate.flag === flag);
    return variable && this.#variable(variable.name);
  }

  #variable(name: string): Given | undefined {
    const text = this.#env[name];
    return text === undefined || text === '' ? undefined : { text, source: name };
  }

  #checked(given: Given, problem: (value: string) => string | undefined): string {
    const wrong = problem(given.text);
    if (wrong === undefined) return given.text;
    throw usage(given.source.startsWith('AGENTQ_') ? `${given.source}: ${wrong}` : wrong);
  }
}

function namesSame(text: string, task: TaskReference): boolean {
  const [first = '', second] = text.split('/');
  if (second === undefined) return first === task.id;
  return second === task.id && (task.project === undefined || first === task.project);
}

function isTruthy(given: Given): boolean {
  if (given.source === 'NO_COLOR') return true;
  if (/^(1|true|yes|on)$/i.test(given.text)) return true;
  if (/^(0|false|no|off)$/i.test(given.text)) return false;
  throw usage(`${given.source} must be 1 or 0, not ${quote(given.text)}`);
}
