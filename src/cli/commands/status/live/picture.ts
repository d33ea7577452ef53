import { type QueueStats, statsOf } from '../../../../domain/figures/queue-stats.ts';
import type { AgentState } from '../../../../domain/figures/roster.ts';
import { rosterOf } from '../../../../domain/figures/roster.ts';
import { completionsIn, PACE_MS, paceOf, timeLeft } from '../../../../domain/figures/throughput.ts';
import type { SignedIn } from '../../../../domain/leases/sign-in.ts';
import { type EventView, eventView } from '../../../../domain/past/event-view.ts';
import type { TaskEvent } from '../../../../domain/past/task-event.ts';
import { pausesOf } from '../../../../domain/pausing/pauses.ts';
import { compareForClaiming } from '../../../../domain/queue/ordering.ts';
import { QueueState } from '../../../../domain/queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../../../../domain/queue/snapshot.ts';
import { formatKey, type TaskCondition } from '../../../../domain/queue/task.ts';
import { viewOf } from '../../../../domain/rules/task-view.ts';
import type { Queue } from '../../../../engine/queue/queue.ts';
import type { WatchedEvent } from '../../../../engine/queue/reader.ts';
import type { RecordWindow } from '../../../../engine/queue/recorded-events.ts';
import { OPEN_STATES } from '../../../command/answers.ts';
import { allSignIns } from '../../../presence/all-sign-ins.ts';

/** The window of the pace, in parts of five minutes. */
const WINDOW_MS = PACE_MS;
const PARTS = 24;

/** Most events that are read with the tasks that they are about. */
const RECENT = 40;

/** What was read of the queue, from which a picture of any project is made. */
export interface Sources {
  readonly snapshot: QueueSnapshot;
  /** Oldest first, of the window. */
  readonly events: readonly TaskEvent[];
  /** Newest first. */
  readonly recent: readonly Omit<WatchedEvent, 'cursor'>[];
  readonly signIns: readonly SignedIn[];
  /** ms since the epoch */
  readonly readAt: number;
}

/** A task on the screen. */
export interface TaskRow {
  readonly name: string;
  readonly title: string;
  readonly state: TaskCondition;
  /** What it asks, waits for, or why it is blocked; empty if there is nothing to say. */
  readonly about: string;
}

/** An agent, and what it does. */
export interface AgentRow {
  readonly agent: string;
  readonly state: AgentState;
  /** undefined: nothing. */
  readonly task: string | undefined;
  readonly title: string;
  /** Since when (ms since the epoch); undefined: before the window. */
  readonly since: number | undefined;
  readonly isStalled: boolean;
}

/** What the screen shows of the queue, or of one project. Durations are computed when it is drawn. */
export interface Picture {
  readonly stats: QueueStats;
  /** In natural order, also while one of them is shown alone. */
  readonly projects: readonly string[];
  /** What is paused, and why. */
  readonly paused: readonly string[];
  readonly asking: readonly TaskRow[];
  readonly agents: readonly AgentRow[];
  /** What is open, the claimable first, in the order in which it is claimed. */
  readonly tasks: readonly TaskRow[];
  readonly events: readonly EventView[];
  /** Completions in each part of the window, the oldest first. */
  readonly done: readonly number[];
  /** undefined: nothing was completed in the window. */
  readonly perHour: number | undefined;
  /** When the work began (ms since the epoch); undefined: before the window. */
  readonly began: number | undefined;
  /** Until everything open is done at this pace. */
  readonly leftMs: number | undefined;
}

/**
 * Reads the queue at its tip.
 * @param record what was read before is not read again
 * @throws Failure of the remote
 */
export async function readSources(
  queue: Queue,
  record: RecordWindow,
  now: number,
  onNotice: (message: string) => void,
): Promise<Sources> {
  const reader = await queue.read();
  const scope = { read: OPEN_STATES, batches: 'where-named', witnesses: { now } } as const;
  const snapshot = await reader.snapshot(scope, { unreadable: 'leave' });
  const tips = [...(snapshot.branches?.tips.values() ?? [snapshot.tip])];
  const { events } = await record.read(reader, { tip: snapshot.tip, tips }, now - WINDOW_MS);
  const recent: Omit<WatchedEvent, 'cursor'>[] = [];
  for await (const one of reader.past({ tip: snapshot.tip, limit: RECENT, onNotice })) {
    if (one.event.kind !== 'task.renewed') recent.push(one);
  }
  const signIns = await allSignIns(queue, snapshot);
  return { snapshot, events, recent, signIns, readAt: now };
}

/** The picture of one project, or of the whole queue. Pure. */
export function pictureOf(sources: Sources, project: string | undefined): Picture {
  const { snapshot, events, recent, signIns, readAt } = sources;
  const window = { from: readAt - WINDOW_MS, to: readAt };
  const stats = statsOf(snapshot, readAt, project);
  const { all } = stats;
  const rows = rowsOf(new QueueState(snapshot), project);
  const pace = paceOf(events, window, project);
  const agents = rosterOf({ events, snapshot, signIns }, window, project).agents.filter(
    ({ state }) => state !== 'gone',
  );
  return {
    stats,
    projects: [...snapshot.projects.keys()].sort(),
    paused: pausesOf(snapshot.pauses, project).map(
      (pause) => `${pause.project ?? 'the queue'} is paused by ${pause.by}: ${pause.reason}`,
    ),
    asking: rows.filter(({ state }) => state === 'asking'),
    agents: agents.map(({ agent, state, since, holds }): AgentRow => {
      const [held] = holds.filter(({ condition }) => condition !== 'review');
      const task = held && formatKey(held.key);
      return { agent, state, task, title: held?.title ?? '', since, isStalled: held?.condition === 'stalled' };
    }),
    tasks: rows.filter(({ state }) => state !== 'claimed' && state !== 'review'),
    events: recent
      .filter(({ event }) => project === undefined || event.project === project)
      .map(({ event, task }) => eventView(event, task)),
    done: completionsIn(events, { ...window, parts: PARTS }, project),
    perHour: pace?.perHour,
    began: pace !== undefined && pace.from > window.from ? pace.from : undefined,
    leftMs: timeLeft(all.total - all.completed - all.cancelled, pace?.perHour),
  };
}

/** What can be claimed comes first. */
const RANK: Readonly<Record<TaskCondition, number>> = {
  asking: 0,
  ready: 1,
  blocked: 2,
  waiting: 3,
  claimed: 4,
  review: 5,
  completed: 6,
  cancelled: 7,
};

function rowsOf(state: QueueState, project: string | undefined): TaskRow[] {
  const rows: { readonly entry: TaskEntry; readonly row: TaskRow }[] = [];
  for (const [entry] of state.all()) {
    if (entry === undefined || entry.state === 'completed') continue;
    if (project !== undefined && entry.key.project !== project) continue;
    const view = viewOf(state, entry);
    if (view.state === 'cancelled') continue;
    const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
    const waits = view.waitingFor.length === 0 ? undefined : `waits for ${view.waitingFor.join(', ')}`;
    const asks = view.state === 'asking' ? view.questions.at(-1)?.text : undefined;
    const about = asks ?? task?.blockedReason ?? waits ?? '';
    rows.push({ entry, row: { name: formatKey(entry.key), title: view.title ?? '', state: view.state, about } });
  }
  rows.sort((a, b) => RANK[a.row.state] - RANK[b.row.state] || compareForClaiming(a.entry, b.entry));
  return rows.map(({ row }) => row);
}
