import { agentProblem } from '../../../domain/base/names.ts';
import type { CommandContext } from '../context.ts';
import type { CommonOptions } from '../declaration.ts';
import type { Input } from '../input.ts';
import { usage } from '../usage.ts';
import { secondClaimProblem } from '../worker-arguments.ts';
import { type HookCall, type HookTool, hookCall, readHookTool } from './hook.ts';

/** Options of a command about all tasks that an agent holds. */
export interface AllMineOptions extends CommonOptions {
  /** undefined: the session's, which the hook tells. */
  readonly who: string | undefined;
  readonly hook: HookTool | undefined;
  /** Whether `agentq work` runs this agent, which renews and ends its task. */
  readonly by: 'itself' | 'worker';
}

/**
 * Reads and checks the agent.
 * @throws Failure `usage` if a task is named, or no agent is
 */
export function readAllMine(input: Input): AllMineOptions {
  const hook = readHookTool(input);
  // A worker's variable stands in for a task that is not named.
  const task = input.argument('task-id', () => undefined);
  if (task !== undefined && task !== input.workers('AGENTQ_TASK_ID')) {
    throw usage('a task is named together with --mine', 'to name an agent, use --agent');
  }
  const who = input.text('agent', agentProblem);
  if (who === undefined && hook === undefined)
    throw usage('no agent is named', 'name the agent with --agent, or set AGENTQ_AGENT');
  const isWorkers = who !== undefined && secondClaimProblem(who, (name) => input.workers(name)) !== undefined;
  return { who, hook, by: isWorkers ? 'worker' : 'itself', ...(who === undefined ? {} : { agent: who }) };
}

/** Who it is, and what the hook says; undefined: nobody has said who. */
export async function whoHolds(
  { who, hook }: AllMineOptions,
  context: Pick<CommandContext, 'stdin' | 'signal'>,
): Promise<{ readonly agent: string; readonly call: HookCall | undefined } | undefined> {
  const call = hook && (await hookCall(hook, context));
  const agent = who ?? call?.sessionAgent;
  return agent === undefined ? undefined : { agent, call };
}
