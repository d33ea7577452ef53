import type { TaskEvent } from '../../domain/past/task-event.ts';
import { taskPaths } from '../../domain/past/task-paths.ts';
import { everyEntry, type QueueSnapshot, type TaskEntry } from '../../domain/queue/snapshot.ts';
import { formatKey } from '../../domain/queue/task.ts';
import type { Reader } from '../../engine/queue/reader.ts';

/** A task that the agent has lost: it did not end the work itself. */
export interface LostTask {
  readonly project: string;
  readonly task: string;
  /** Who took it, or gave it back; for one that fell silent, nobody. */
  readonly by: string | null;
  readonly message: string;
}

/** How the work on a task ends, other than by its completion. */
const ENDS: readonly TaskEvent['kind'][] = [
  'task.released',
  'task.stalled',
  'task.asked',
  'task.taken',
  'task.cancelled',
];

/** Events of a task that are looked through for the end of a hold; more come only by many notes. */
const MOST_EVENTS = 20;

/**
 * Which of these tasks somebody else has ended or taken, by the history of each: an agent that gave its task back
 * itself need not be told.
 * @param names what the agent held before, and holds no more, as `project/TASK-ID`
 */
export async function lostTasks(
  reader: Pick<Reader, 'past'>,
  snapshot: QueueSnapshot,
  names: ReadonlySet<string>,
  agent: string,
): Promise<readonly LostTask[]> {
  if (names.size === 0) return [];
  const gone = [...snapshot.projects.values()]
    .flatMap((project) => [...everyEntry(project)])
    .filter(({ key, state }) => state !== 'completed' && names.has(formatKey(key)));
  const lost: LostTask[] = [];
  for (const entry of gone) {
    const end = await endOfHold(reader, snapshot.tip, entry, agent);
    if (end === undefined) continue;
    const name = formatKey(entry.key);
    lost.push({
      project: entry.key.project,
      task: entry.key.id,
      by: end.by,
      message: `${name} is not yours any more: ${end.words}. Stop working on it`,
    });
  }
  return lost;
}

async function endOfHold(
  reader: Pick<Reader, 'past'>,
  tip: string,
  entry: TaskEntry,
  agent: string,
): Promise<{ readonly by: string | null; readonly words: string } | undefined> {
  const task = { key: entry.key, paths: taskPaths(entry) };
  for await (const { event } of reader.past({ tip, limit: MOST_EVENTS, task, onNotice: () => {} })) {
    const { kind, agent: by, from, reason } = event;
    if (!ENDS.includes(kind) || (kind === 'task.taken' && from !== agent)) continue;
    const why = reason === undefined ? '' : ` (${reason})`;
    switch (kind) {
      case 'task.stalled':
        return { by: null, words: 'it was taken back, since no heartbeat came' };
      case 'task.taken':
        return { by, words: `${by} has taken it${why}` };
      case 'task.cancelled':
        return { by, words: `${by} has cancelled it${why}` };
      default:
        return by === agent ? undefined : { by, words: `${by} has given it back${why}` };
    }
  }
  return undefined;
}
