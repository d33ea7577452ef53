import { expandBranch } from '../../../domain/base/branch-template.ts';
import { agentProblem } from '../../../domain/base/names.ts';
import type { TaskReference } from '../../../domain/intents/intent.ts';
import type { Situation } from '../../../domain/prompt/facts.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import { resolveReadable, resolveReference } from '../../../domain/resolving/reference.ts';
import { failureOf } from '../../../engine/base/refusal.ts';
import { type ReadTask, taskFacts } from '../../../engine/prompt/task-facts.ts';
import { placeOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem } from '../../command/usage.ts';
import { templateOf } from './prompt-choice.ts';
import type { PromptResult } from './result.ts';
import { writePrompt } from './write-prompt.ts';

/** Options of `agentq prompt`. */
export interface PromptOptions extends CommonOptions {
  readonly task: TaskReference;
  readonly who: string | undefined;
  readonly template: string | undefined;
  /** What a worker has told this process about its own task; undefined: the prompt is for another task. */
  readonly worker: { readonly base: string | undefined } | undefined;
}

/** Reads and checks the options of `agentq prompt`. */
export function parse(input: Input): PromptOptions {
  const task = input.task('task-id');
  const typed = input.typed('agent', agentProblem);
  const workers = input.workers('AGENTQ_AGENT');
  const isWorkers = task.id === input.workers('AGENTQ_TASK_ID') && (typed ?? workers) === workers;
  return {
    task,
    who: typed ?? (isWorkers ? input.text('agent', agentProblem) : undefined),
    template: input.typed('template', oneLineProblem('--template')),
    worker: isWorkers ? { base: input.workers('AGENTQ_BASE') } : undefined,
  };
}

/** A prompt for the work on the task, from the tip of the queue. */
export async function run(options: PromptOptions, context: CommandContext): Promise<PromptResult> {
  const template = await templateOf({ template: options.template }, context.config.dir);
  return context.withQueue(async (queue) => {
    const reader = await queue.read();
    const snapshot = await reader.snapshot({ read: new Set(), ids: new Set([options.task.id]) });
    const found = resolveReference(new QueueState(snapshot), options.task);
    if (found.kind === 'refused') throw failureOf(found.refusal);
    const read = resolveReadable(found.entry);
    if (read.kind === 'refused') throw failureOf(read.refusal);
    const situation = situationOf({ ...read, snapshot }, options, queue.place.branch, context);
    const facts = await taskFacts(reader, { ...read, snapshot }, {});
    const { text, values } = writePrompt(facts, situation, await reader.taskBytes(read.entry), template);
    return {
      ...placeOf(queue),
      project: facts.key.project,
      task: facts.key.id,
      agent: situation.agent ?? null,
      prompt: text,
      fields: values,
    };
  });
}

function situationOf(
  { entry, task, snapshot }: ReadTask,
  { who, worker }: PromptOptions,
  queueBranch: string,
  { config }: CommandContext,
): Situation {
  const owner = entry.state === 'claimed' ? task.claim?.claimedBy : undefined;
  const agent = who ?? owner;
  const { settings } = snapshot;
  const naming = { project: entry.key.project, task: entry.key.id, agent: agent ?? 'agent' };
  const isInWorktree = worker?.base !== undefined;
  return {
    agent,
    holds: worker !== undefined ? 'worker' : agent !== undefined && agent === owner ? 'holder' : 'nobody',
    queueBranch,
    // The worktree itself says which branch it is on: the name may have been taken.
    branch: isInWorktree ? undefined : expandBranch(settings.branchName, naming),
    worktree: isInWorktree ? config.dir : undefined,
    base: worker?.base ?? settings.base,
  };
}
