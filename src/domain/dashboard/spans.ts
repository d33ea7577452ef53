import { timeOrNull } from '../base/clock.ts';
import { heldTasks } from '../figures/held-tasks.ts';
import { parseTime } from '../leases/staleness.ts';
import type { TaskEvent } from '../past/task-event.ts';
import { everyEntry, type QueueSnapshot } from '../queue/snapshot.ts';
import { formatKey } from '../queue/task.ts';
import type { BoardSpan } from './board.ts';

/** Times are ms since the epoch. */
interface Span {
  readonly agent: string;
  readonly task: string;
  /** undefined: before the window. */
  readonly from: number | undefined;
  to: number | undefined;
  end: BoardSpan['end'];
}

/**
 * Which tasks each agent had in the window, and how that ended: by the commits, and if they and the tree disagree, by
 * the tree.
 * @param events oldest first
 * @param project only its tasks
 * @returns by agent, the oldest first
 */
export function spansOf(
  events: readonly TaskEvent[],
  snapshot: QueueSnapshot,
  window: { readonly from: number; readonly to: number },
  project: string | undefined,
): ReadonlyMap<string, readonly BoardSpan[]> {
  const spans = new Spans();
  for (const event of events) {
    const isMeant = project === undefined || event.project === project;
    if (isMeant && event.at >= window.from && event.at <= window.to) spans.add(event);
  }
  spans.meet(snapshot, window, project);
  return spans.byAgent();
}

const ENDS: Readonly<Partial<Record<TaskEvent['kind'], BoardSpan['end']>>> = {
  'task.completed': 'completed',
  'task.review': 'review',
  'task.released': 'released',
  'task.asked': 'asked',
  'task.stalled': 'stalled',
};

class Spans {
  readonly #all: Span[] = [];
  /** The one that each task is in, by its name. */
  readonly #open = new Map<string, Span>();
  /** Tasks whose work is done: a completion that follows is that of the merge. */
  readonly #reviewed = new Set<string>();

  add({ kind, project, task: id, agent, at, failures }: TaskEvent): void {
    if (project === undefined || id === undefined) return;
    const task = formatKey({ project, id });
    if (kind === 'task.claimed' || kind === 'task.taken') {
      this.#end(task, at, kind === 'task.taken' ? 'taken' : 'other');
      this.#reviewed.delete(task);
      this.#begin({ agent, task, from: at, to: undefined, end: 'open' });
      return;
    }
    const end = kind === 'task.released' && failures !== undefined ? 'failed' : ENDS[kind];
    if (end === undefined) return;
    const isMerge = this.#reviewed.has(task);
    if (end === 'review') this.#reviewed.add(task);
    else this.#reviewed.delete(task);
    if (this.#open.has(task)) this.#end(task, at, end);
    // Who had a stalled task before the window is not known: the commit says only who took it back.
    else if (!isMerge && end !== 'stalled') this.#all.push({ agent, task, from: undefined, to: at, end });
  }

  /** Whoever holds a task now has it, and nobody else. */
  meet(
    snapshot: QueueSnapshot,
    { from, to }: { readonly from: number; readonly to: number },
    project: string | undefined,
  ): void {
    const held = new Map<string, string>();
    for (const { agent, task } of heldTasks(snapshot, new Map(), to)) {
      if (project !== undefined && task.key.project !== project) continue;
      const name = formatKey(task.key);
      if (task.condition === 'review') continue;
      held.set(name, agent);
      const known = this.#open.get(name);
      if (known?.agent === agent) continue;
      const at = task.claimedAt !== undefined && task.claimedAt >= from ? task.claimedAt : undefined;
      this.#end(name, Math.max(known?.from ?? 0, at ?? to), 'other');
      this.#begin({ agent, task: name, from: at, to: undefined, end: 'open' });
    }
    const completed = completionTimes(snapshot);
    for (const [task, { from: since }] of [...this.#open]) {
      if (held.has(task)) continue;
      const at = completed.get(task);
      const isIn = at !== undefined && at >= (since ?? from) && at <= to;
      this.#end(task, isIn ? at : to, isIn ? 'completed' : 'other');
    }
  }

  byAgent(): ReadonlyMap<string, readonly BoardSpan[]> {
    const agents = new Map<string, Span[]>();
    for (const span of this.#all) {
      const known = agents.get(span.agent);
      if (known === undefined) agents.set(span.agent, [span]);
      else known.push(span);
    }
    for (const spans of agents.values()) spans.sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
    return new Map([...agents].map(([agent, spans]) => [agent, spans.map(spanView)]));
  }

  #begin(span: Span): void {
    this.#all.push(span);
    this.#open.set(span.task, span);
  }

  #end(task: string, at: number, end: BoardSpan['end']): void {
    const span = this.#open.get(task);
    if (span === undefined) return;
    this.#open.delete(task);
    span.to = Math.max(at, span.from ?? at);
    span.end = end;
  }
}

/** As the files say, by `project/TASK-ID`: no commit tells about tasks that somebody has moved by hand. */
function completionTimes({ projects }: QueueSnapshot): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const project of projects.values()) {
    for (const { state, key, reading } of everyEntry(project)) {
      if (state !== 'completed' || reading.kind !== 'read') continue;
      const at = parseTime(reading.task.completion?.completedAt);
      if (at !== undefined) times.set(formatKey(key), at);
    }
  }
  return times;
}

function spanView({ task, from, to, end }: Span): BoardSpan {
  return { task, from: timeOrNull(from), to: timeOrNull(to), end };
}
