import { isoSeconds, timeOrNull } from '../../../domain/base/clock.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { agentProblem } from '../../../domain/base/names.ts';
import { byCondition, type HeldTask, heldTasks } from '../../../domain/figures/held-tasks.ts';
import { expectOutcome } from '../../../domain/intents/expect-outcome.ts';
import type { TaskFilter } from '../../../domain/intents/intent.ts';
import type { QueueSnapshot } from '../../../domain/queue/snapshot.ts';
import type { TaskState } from '../../../domain/queue/task.ts';
import { EXIT_CODES_SAID } from '../../../domain/setup/exit-codes.ts';
import type { Reader } from '../../../engine/queue/reader.ts';
import { placeOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readClaimFilter } from '../../command/filter.ts';
import { type HookTool, hookCall, nameAgentToSession, readHookTool } from '../../command/hooks/hook.ts';
import type { Input } from '../../command/input.ts';
import { heldTaskView } from '../../presence/held-task-view.ts';
import { commandsFor } from './advice.ts';
import type { NextTask, PrimedTask, PrimeResult } from './result.ts';

/** Of the tasks, only those that the agent holds are read, besides what a claim reads. */
const CLAIMED: ReadonlySet<TaskState> = new Set<TaskState>(['claimed']);

/** Options of `agentq prime`. */
export interface PrimeOptions extends CommonOptions {
  readonly who: string | undefined;
  readonly filter: TaskFilter;
  /** The task of the worker that started this, if it is this agent's: `project/TASK-ID`, or as much as is known. */
  readonly workersTask: string | undefined;
  readonly hook: HookTool | undefined;
}

/** Reads and checks the options of `agentq prime`. */
export function parse(input: Input): PrimeOptions {
  const who = input.argument('agent-id', agentProblem);
  const isWorkers = who !== undefined && who === input.workers('AGENTQ_AGENT');
  const workersTask = isWorkers ? input.workers('AGENTQ_TASK_ID') : undefined;
  return { who, filter: readClaimFilter(input), workersTask, hook: readHookTool(input) };
}

/** What the agent must know, from the tip of the queue. */
export async function run(options: PrimeOptions, context: CommandContext): Promise<PrimeResult> {
  const { filter, workersTask } = options;
  const who = options.who ?? (await whoseSession(options.hook, context));
  return context.withQueue(async (queue) => {
    const now = context.clock.now();
    const worker = workersTask === undefined ? null : 'work';
    const reader = await queue.read();
    const snapshot = await reader.snapshot({ read: CLAIMED, witnesses: { now } }, { unreadable: 'leave' });
    const holds = who === undefined ? [] : holdsOf(snapshot, who, now, workersTask);
    const next = worker === null ? await nextFor(reader, who, filter, context) : { task: null, nothing: null };
    const first = holds.find(({ state }) => state !== 'review');
    return {
      ...placeOf(queue),
      time: isoSeconds(now),
      agent: who ?? null,
      worker,
      holds,
      next: next.task,
      nothing: next.nothing,
      commands: commandsFor(who, first, worker),
      exitCodes: EXIT_CODES_SAID,
    };
  });
}

/** The agent that is named after the session in which a hook calls; its later commands learn the name, too. */
async function whoseSession(hook: HookTool | undefined, context: CommandContext): Promise<string | undefined> {
  if (hook === undefined) return undefined;
  const { sessionAgent } = await hookCall(hook, context);
  if (sessionAgent !== undefined) nameAgentToSession(sessionAgent, context.env);
  return sessionAgent;
}

/** The worker's own task first, then those whose heartbeats come. */
function holdsOf(snapshot: QueueSnapshot, who: string, now: number, workersTask: string | undefined): PrimedTask[] {
  const { stalledAfterMs } = snapshot.settings;
  const own = [...heldTasks(snapshot, new Map(), now)].filter(({ agent }) => agent === who).map(({ task }) => task);
  const isWorkers = ({ key }: HeldTask): number => (workersTask?.split('/').at(-1) === key.id ? 0 : 1);
  return own
    .sort((a, b) => isWorkers(a) - isWorkers(b) || byCondition(a, b))
    .map((task) => {
      const { condition, lastHeartbeat } = task;
      const due = condition === 'review' || lastHeartbeat === undefined ? undefined : lastHeartbeat + stalledAfterMs;
      const { state, ...view } = heldTaskView(task);
      return { ...view, heartbeatDue: timeOrNull(due), state };
    });
}

/** What a claim would give the agent now, by the claim's own rules. */
async function nextFor(
  reader: Reader,
  who: string | undefined,
  filter: TaskFilter,
  { random }: CommandContext,
): Promise<{ readonly task: NextTask | null; readonly nothing: string | null }> {
  // The answer does not depend on who asks.
  const agent = who ?? 'agent-1';
  const request = random.id();
  try {
    const rehearsed = await reader.rehearse({ kind: 'claim', request, agent, filter, attempt: 1, waitedMs: 0 });
    const { key, title, priority } = expectOutcome(rehearsed.outcome, 'claimed');
    return { task: { project: key.project, task: key.id, title: title ?? null, priority }, nothing: null };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'nothing-claimable') throw error;
    return { task: null, nothing: error.message };
  }
}
