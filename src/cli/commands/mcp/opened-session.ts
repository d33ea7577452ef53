import { byCondition, heldTasks } from '../../../domain/figures/held-tasks.ts';
import { formatKey, type TaskState } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Presence } from '../../../engine/registry/presence.ts';
import { claimOf, Holding, type HoldingNotice } from '../../../engine/session/holding.ts';
import { courteously, type Shutdown } from '../../../engine/work/shutdown.ts';
import type { CommandContext } from '../../command/context.ts';
import { isAtWorkElsewhere } from '../../presence/at-work.ts';
import { ownPresence } from '../../presence/own-presence.ts';
import { describeWork } from '../work/progress.ts';
import type { McpOptions } from './options.ts';

const CLAIMED: ReadonlySet<TaskState> = new Set<TaskState>(['claimed']);

/** What a session works with once its queue is open. */
export interface OpenedSession {
  readonly queue: Queue;
  readonly holding: Holding;
  readonly presence: Presence;
}

/** Opens the queue for a session, which may last for days. */
export async function openSession(
  agent: string,
  { heartbeatMs, can: capabilities, project }: McpOptions,
  context: CommandContext,
  shutdown: Shutdown,
  onNotice: (notice: HoldingNotice) => void,
): Promise<OpenedSession> {
  const { random, config, log } = context;
  // The queue is still needed after the client has disconnected, to give back what is claimed.
  const { signal } = new AbortController();
  const terms = { signal, timeoutMs: config.timeoutMs, timeoutOf: 'each-submit' } as const;
  const queue = await context.withQueue(async (opened) => opened, terms);
  const holding = new Holding({
    queue,
    random,
    heartbeatMs,
    ...shutdown,
    onEvent(event) {
      const line = describeWork(event);
      if (line) log[line.level](line.message);
    },
    onNotice,
  });
  const who = { agents: [agent], command: 'mcp', capabilities, project } as const;
  return { queue, holding, presence: ownPresence(queue, who, context) };
}

/**
 * Takes up the claims that an earlier session of this agent has left, or that somebody has made for it.
 * @returns their tasks; none if another process works under this id, whose claims they are
 */
export async function takeUp(
  agent: string,
  { queue, holding, presence }: OpenedSession,
  { clock, env }: CommandContext,
): Promise<readonly string[]> {
  if (await isAtWorkElsewhere(queue, agent, env)) return [];
  const snapshot = await (await queue.read()).snapshot({ read: CLAIMED }, { unreadable: 'leave' });
  const all = [...heldTasks(snapshot, new Map(), clock.now())];
  const own = all.filter((held) => held.agent === agent && held.task.condition !== 'review').map(({ task }) => task);
  const jobs = await holding.takeUp(own.sort(byCondition).map(({ key, claimId }) => claimOf(agent, key, claimId)));
  if (jobs.length > 0) presence.appear();
  return jobs.map(({ task }) => formatKey(task));
}

/** Ends what belongs to a session, once it holds nothing any more. Never throws. */
export async function leave({ queue, presence }: OpenedSession, shutdown: Shutdown): Promise<void> {
  await Promise.all([courteously(presence.leave(), shutdown), courteously(queue.forgetHeartbeats(), shutdown)]);
}
