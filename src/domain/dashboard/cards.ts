import { isoSeconds } from '../base/clock.ts';
import { isStalled, parseTime, poolLimit } from '../leases/staleness.ts';
import type { TaskEvent } from '../past/task-event.ts';
import { requiredKey } from '../queue/dependency-entry.ts';
import { compareText, sortForClaiming } from '../queue/ordering.ts';
import { QueueState } from '../queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type Task, type TaskCondition, type TaskView } from '../queue/task.ts';
import { viewOf } from '../rules/task-view.ts';
import type { BoardTask } from './board.ts';
import type { LastEvents } from './last-events.ts';

/** Every task as a card, in the order of the board. @param project only its tasks */
export function cardsOf(
  snapshot: QueueSnapshot,
  events: LastEvents,
  now: number,
  project: string | undefined,
): BoardTask[] {
  const state = new QueueState(snapshot);
  const limit = poolLimit(snapshot.settings);
  const shown: TaskEntry[] = [];
  const doubled = new Set<TaskEntry>();
  for (const [entry, second] of state.all()) {
    if (entry === undefined || (project !== undefined && entry.key.project !== project)) continue;
    shown.push(entry);
    if (second !== undefined) doubled.add(entry);
  }
  const cards = sortForClaiming(shown).map((entry) => {
    const card = cardOf(state, entry, events, now);
    if (doubled.has(entry)) return inTwoStates(card);
    const isHeld = entry.state === 'claimed' && entry.reading.kind === 'read';
    return isHeld ? { ...card, isStalled: isStalled(entry, now, limit) } : card;
  });
  return cards.sort(compareCards);
}

/** What can be claimed comes first, and what is over last. */
const RANK: Readonly<Record<TaskCondition, number>> = {
  ready: 0,
  waiting: 1,
  asking: 2,
  blocked: 3,
  claimed: 4,
  review: 5,
  cancelled: 6,
  completed: 7,
};

function compareCards(a: BoardTask, b: BoardTask): number {
  const rank = RANK[a.state] - RANK[b.state];
  return rank !== 0 || a.state !== 'completed' ? rank : compareText(b.since ?? '', a.since ?? '');
}

function cardOf(state: QueueState, entry: TaskEntry, events: LastEvents, now: number): BoardTask {
  const view = viewOf(state, entry);
  const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
  const since = sinceOf(view, task, entry, events);
  const named = (ids: readonly string[]): string[] => ids.map((id) => formatKey(requiredKey(id, entry.key.project)));
  return {
    project: view.project,
    task: view.task,
    title: view.title,
    state: view.state,
    isStalled: false,
    type: view.type,
    priority: view.priority,
    labels: view.labels,
    batch: task?.batch ?? null,
    requires: named(view.requires),
    waitingFor: named(view.waitingFor),
    agent: (view.state === 'completed' ? (view.completion?.agent ?? view.claim?.agent) : view.claim?.agent) ?? null,
    since: since === undefined ? null : isoSeconds(Math.min(since, now)),
    about: aboutOf(view, task, entry),
    prUrl: view.completion?.prUrl ?? (view.state === 'review' ? (task?.claim?.prUrl ?? null) : null),
    failures: view.failures,
    stalls: view.stalls,
  };
}

/** Nobody can do anything with it until a person has removed one of the files. */
function inTwoStates(card: BoardTask): BoardTask {
  const about = 'is in two folders at once: `agentq validate` names them';
  return { ...card, state: 'blocked', agent: null, since: null, about };
}

function aboutOf({ state, questions }: TaskView, task: Task | undefined, { reading }: TaskEntry): string | null {
  if (reading.kind === 'unreadable') return `its file cannot be read: ${reading.message}`;
  switch (state) {
    case 'asking':
      return questions.at(-1)?.text ?? null;
    case 'blocked':
      return task?.blockedReason ?? null;
    case 'cancelled':
      return task?.cancellation?.reason ?? null;
    default:
      return null;
  }
}

/** What brings a task into a state. */
const BEGINNINGS: Readonly<Record<TaskCondition, ReadonlySet<TaskEvent['kind']>>> = {
  claimed: new Set(['task.claimed', 'task.taken']),
  review: new Set(['task.review']),
  completed: new Set(['task.completed']),
  cancelled: new Set(['task.cancelled']),
  asking: new Set(['task.asked']),
  blocked: new Set(['task.blocked', 'task.released', 'task.stalled', 'task.added', 'task.updated']),
  waiting: new Set(['task.blocked', 'task.released', 'task.stalled', 'task.added', 'task.reopened', 'task.answered']),
  ready: new Set([
    'task.unblocked',
    'task.released',
    'task.stalled',
    'task.added',
    'task.reopened',
    'task.answered',
    'task.updated',
  ]),
};

/** When (ms since the epoch) the task came into its state: by its commit, or else as its file says. */
function sinceOf(
  { state }: TaskView,
  task: Task | undefined,
  { key }: TaskEntry,
  events: LastEvents,
): number | undefined {
  const said = events.last(key, BEGINNINGS[state]);
  return said?.at ?? parseTime(writtenIn(state, task));
}

function writtenIn(state: TaskCondition, task: Task | undefined): string | undefined {
  switch (state) {
    case 'claimed':
      return task?.claim?.claimedAt;
    case 'review':
      return task?.claim?.reviewSince;
    case 'completed':
      return task?.completion?.completedAt;
    case 'cancelled':
      return task?.cancellation?.cancelledAt;
    case 'asking':
      return task?.questions?.at(-1)?.at;
    default:
      return undefined;
  }
}
