import { Failure } from '../../../domain/base/failure.ts';
import type { BoardTaskDetails } from '../../../domain/dashboard/board.ts';
import { eventOf } from '../../../domain/dashboard/board-of.ts';
import { taskPaths } from '../../../domain/past/task-paths.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../domain/queue/snapshot.ts';
import type { TaskKey } from '../../../domain/queue/task.ts';
import { descriptionOf, viewOf } from '../../../domain/rules/task-view.ts';
import type { Reader, ReadQueue } from '../../../engine/queue/reader.ts';

/** Most events of a task's log. */
const MOST_LOGGED = 200;

/**
 * A task with its text and its log, at the tip that was read.
 * @param reader the one that has read the snapshot
 * @returns undefined if there is no such task
 */
export async function detailsOf(
  reader: Pick<Reader, 'taskBytes' | 'past'>,
  snapshot: ReadQueue,
  key: TaskKey,
): Promise<BoardTaskDetails | undefined> {
  const state = new QueueState(snapshot);
  const [entry] = state.entriesNow(key);
  if (entry === undefined) return undefined;
  const text = await textOf(reader, entry);
  // What was read for the board lacks what only the file says.
  const readText = [snapshot, ...(snapshot.branches?.snapshots.values() ?? [])].find((one) => one.readText)?.readText;
  const reading = entry.reading.kind === 'read' ? (readText?.(text, entry) ?? entry.reading) : entry.reading;
  const task = reading.kind === 'read' ? reading.task : undefined;
  const { notes, questions } = viewOf(state, entry);
  const events: BoardTaskDetails['events'][number][] = [];
  const past = reader.past({
    tip: snapshot.tip,
    limit: MOST_LOGGED,
    task: { key, paths: taskPaths(entry) },
    onNotice: () => undefined,
  });
  for await (const { event, task: then } of past) events.push(eventOf({ event, title: then?.title }));
  return {
    project: key.project,
    task: key.id,
    path: entry.path,
    text,
    description: task === undefined ? null : descriptionOf(task),
    acceptanceCriteria: task?.acceptanceCriteria ?? [],
    notes,
    questions,
    events,
  };
}

/** The text of the file, or why it cannot be read. */
async function textOf(reader: Pick<Reader, 'taskBytes'>, entry: TaskEntry): Promise<string> {
  try {
    return new TextDecoder().decode(await reader.taskBytes(entry));
  } catch (error) {
    if (error instanceof Failure && error.code === 'task-unreadable') return error.message;
    throw error;
  }
}
