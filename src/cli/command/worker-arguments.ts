import type { Environment } from '../output/io.ts';
import type { ArgumentDeclaration, CommandDeclaration } from './declaration.ts';

/**
 * The positional arguments of a command that a worker's own command starts: what is not given, or given as `""`, comes
 * from the variables that `agentq work` sets. Explicit arguments win. A single text, or a URL, is what the command
 * needs besides the task and the agent, so that `agentq note 'half done'` and `agentq complete https://...` are enough.
 */
export function placedArguments(
  { args }: CommandDeclaration,
  values: readonly string[],
  env: Environment,
): readonly string[] {
  if (!args.some((argument) => isFilled(argument, env))) return values;
  const placed = moved(args, values, env);
  const count = Math.max(placed.length, args.length);
  return Array.from(
    { length: count },
    (_, index) => placed[index] || (args[index] && ownValue(args[index], env)) || '',
  );
}

/** Whether the argument may be left out, since its value is in the environment. */
export function isFilled(argument: ArgumentDeclaration, env: Environment): boolean {
  return ownValue(argument, env) !== undefined;
}

/** Why a worker may not begin with these agents: one of them is at work already. undefined: it may. */
export function nestedWorkProblem(
  agents: readonly string[],
  variable: (name: `AGENTQ_${string}`) => string | undefined,
): string | undefined {
  return agents.map((agent) => secondClaimProblem(agent, variable)).find((problem) => problem !== undefined);
}

/** Why the agent may claim nothing: it is at work already. undefined: it may. */
export function secondClaimProblem(
  agent: string,
  variable: (name: `AGENTQ_${string}`) => string | undefined,
): string | undefined {
  const task = variable('AGENTQ_TASK_ID');
  if (task === undefined || agent !== variable('AGENTQ_AGENT')) return undefined;
  const project = variable('AGENTQ_PROJECT');
  const name = project === undefined || task.includes('/') ? task : `${project}/${task}`;
  return `${agent} works on ${name} here, and its worker claims the next task`;
}

function ownValue({ variable }: ArgumentDeclaration, env: Environment): string | undefined {
  return (variable !== undefined && env[variable]) || undefined;
}

/** The values at the places of the arguments that they are for. */
function moved(args: readonly ArgumentDeclaration[], values: readonly string[], env: Environment): readonly string[] {
  const url = args.findIndex(({ takes }) => takes === 'url');
  const found = url < 0 ? -1 : values.findIndex((value) => /^https?:\/\//.test(value));
  if (found >= 0 && found < url) return shifted(values, found, url);
  const text = args.findIndex(({ need, variable, takes }) => need === 'required' && !variable && !takes);
  const last = values.length - 1;
  const isOwnTask = values[0] === env.AGENTQ_TASK_ID || values[0] === `${env.AGENTQ_PROJECT}/${env.AGENTQ_TASK_ID}`;
  return text < 0 || last < 0 || last >= text || (last === 0 && isOwnTask) ? values : shifted(values, last, text);
}

function shifted(values: readonly string[], from: number, to: number): readonly string[] {
  return [...values.slice(0, from), ...Array.from({ length: to - from }, () => ''), ...values.slice(from)];
}
