import { parseTime } from '../leases/staleness.ts';
import type { TaskEvent } from '../past/task-event.ts';
import { QueueState } from '../queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isCancelled } from '../queue/task.ts';
import type { LastEvents } from './last-events.ts';
import type { Parts } from './parts.ts';

/** What a task counts for: `open` for the scope, `completed` for both, the others for neither. */
type Standing = 'absent' | 'open' | 'completed' | 'cancelled';

/** At the end of each part, the oldest first. */
export interface BurnUp {
  readonly scope: readonly number[];
  readonly done: readonly number[];
}

/**
 * How much there was to do and how much was done over time, of the whole queue and of each project. The end of it is
 * what the tree has now. Earlier values are computed back from there by what the commits say, and where somebody moved
 * a file by hand, by what the file says.
 */
export function burnUp(
  snapshot: QueueSnapshot,
  events: LastEvents,
  parts: Parts,
  project: string | undefined,
): { readonly all: BurnUp; readonly projects: ReadonlyMap<string, BurnUp> } {
  const all = new Steps(parts.count);
  const projects = new Map<string, Steps>();
  const note = (of: string, standings: readonly Moment[]): void => {
    if (project !== undefined && of !== project) return;
    let steps = projects.get(of);
    if (steps === undefined) {
      steps = new Steps(parts.count);
      projects.set(of, steps);
    }
    let before: Standing = 'absent';
    for (const { at, standing } of standings) {
      // What was so at the beginning of the window was so before its first part.
      const part = at === undefined ? 0 : Math.min(Math.max(0, parts.at(at) ?? parts.count - 1), parts.count - 1);
      all.move(part, before, standing);
      steps.move(part, before, standing);
      before = standing;
    }
  };
  const seen = new Set<string>();
  for (const entries of new QueueState(snapshot).all()) {
    const [entry, second] = entries;
    if (entry === undefined) continue;
    seen.add(formatKey(entry.key));
    note(entry.key.project, momentsOf(events.of(entry.key), standingNow(entry, second), writtenAt(entry)));
  }
  for (const [name, of] of events.entries()) {
    if (!seen.has(name)) note(name.slice(0, name.indexOf('/')), momentsOf(of, 'absent', undefined));
  }
  return { all: all.sums(), projects: new Map([...projects].map(([name, steps]) => [name, steps.sums()])) };
}

/** From when on a task had a standing; undefined: since before the window. */
interface Moment {
  readonly at: number | undefined;
  readonly standing: Standing;
}

const AFTER: Readonly<Partial<Record<TaskEvent['kind'], Standing>>> = {
  'task.added': 'open',
  'task.claimed': 'open',
  'task.taken': 'open',
  'task.review': 'open',
  'task.released': 'open',
  'task.stalled': 'open',
  'task.asked': 'open',
  'task.answered': 'open',
  'task.unblocked': 'open',
  'task.blocked': 'open',
  'task.reopened': 'open',
  'task.completed': 'completed',
  'task.cancelled': 'cancelled',
  'task.removed': 'absent',
};

/** @param written when the file says that it came into its present state */
function momentsOf(events: readonly TaskEvent[], now: Standing, written: number | undefined): Moment[] {
  const moments: Moment[] = [];
  for (const { kind, at } of events) {
    const after = AFTER[kind];
    if (after === undefined) continue;
    if (moments.length === 0) moments.push({ at: undefined, standing: standingBefore(kind) });
    if (moments.at(-1)?.standing !== after) moments.push({ at, standing: after });
  }
  const last = moments.at(-1);
  if (last?.standing === now) return moments;
  const since = last?.at ?? events.at(-1)?.at;
  if (last === undefined) {
    const isLater = written !== undefined && (now === 'completed' || now === 'cancelled');
    return isLater
      ? [
          { at: undefined, standing: 'open' },
          { at: written, standing: now },
        ]
      : [{ at: undefined, standing: now }];
  }
  // Moved by hand: at the time in the file, unless the commits know better.
  const isPossible = written !== undefined && written >= (since ?? written);
  return [...moments, { at: isPossible ? written : Number.POSITIVE_INFINITY, standing: now }];
}

function standingBefore(kind: TaskEvent['kind']): Standing {
  if (kind === 'task.added') return 'absent';
  // It may have been cancelled: the message does not tell.
  return kind === 'task.reopened' ? 'completed' : 'open';
}

/** As `agentq status` counts it: a task in two folders at once is not complete. */
function standingNow({ state, reading }: TaskEntry, second: TaskEntry | undefined): Standing {
  if (second !== undefined) return 'open';
  if (state === 'completed') return 'completed';
  return state === 'ready' && reading.kind === 'read' && isCancelled(reading.task) ? 'cancelled' : 'open';
}

function writtenAt({ reading }: TaskEntry): number | undefined {
  if (reading.kind !== 'read') return undefined;
  const { completion, cancellation } = reading.task;
  return parseTime(completion?.completedAt ?? cancellation?.cancelledAt);
}

/** By how much the two lines rise in each part. */
class Steps {
  readonly #scope: number[];
  readonly #done: number[];

  constructor(parts: number) {
    this.#scope = new Array<number>(parts).fill(0);
    this.#done = new Array<number>(parts).fill(0);
  }

  move(part: number, before: Standing, after: Standing): void {
    const scope = Number(isInScope(after)) - Number(isInScope(before));
    const done = Number(after === 'completed') - Number(before === 'completed');
    this.#scope[part] = (this.#scope[part] ?? 0) + scope;
    this.#done[part] = (this.#done[part] ?? 0) + done;
  }

  sums(): BurnUp {
    return { scope: running(this.#scope), done: running(this.#done) };
  }
}

function isInScope(standing: Standing): boolean {
  return standing === 'open' || standing === 'completed';
}

function running(steps: readonly number[]): number[] {
  let sum = 0;
  return steps.map((step) => {
    sum += step;
    return sum;
  });
}
