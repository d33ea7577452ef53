import { differences } from '../../domain/changing/differences.ts';
import { QueueState } from '../../domain/queue/queue-state.ts';
import type { QueueSnapshot } from '../../domain/queue/snapshot.ts';
import { formatKey, type Task, type TaskKey, type TaskState } from '../../domain/queue/task.ts';
import type { Reader } from '../../engine/queue/reader.ts';

/** A task that says something else than when it was last looked at. */
export interface EditedTask {
  readonly project: string;
  readonly task: string;
  /** What is different, such as `title`. */
  readonly fields: readonly string[];
  readonly message: string;
}

/**
 * Which of these tasks were edited since a commit of the branch. Nothing is said where that commit is not in the clone any
 * more.
 * @param before undefined: nobody has looked yet
 */
export async function editedTasks(
  reader: Pick<Reader, 'snapshot'>,
  now: QueueSnapshot,
  tasks: readonly TaskKey[],
  before: string | undefined,
  agent: string,
): Promise<readonly EditedTask[]> {
  if (before === undefined || before === now.tip || tasks.length === 0) return [];
  const scope = { read: new Set<TaskState>(), ids: new Set(tasks.map(({ id }) => id)) };
  const then = await reader.snapshot(scope, { unreadable: 'leave', commit: before }).catch(() => undefined);
  if (then === undefined) return [];
  const [old, current] = [new QueueState(then), new QueueState(now)];
  return tasks.flatMap((key) => {
    const [first, second] = [taskOf(old, key), taskOf(current, key)];
    const fields = first === undefined || second === undefined ? [] : differences(first, second, agent);
    if (fields.length === 0) return [];
    const name = formatKey(key);
    const message = `${name} was edited: ${fields.join(', ')}. Read it again: \`agentq prompt ${name}\``;
    return [{ project: key.project, task: key.id, fields, message }];
  });
}

function taskOf(state: QueueState, key: TaskKey): Task | undefined {
  const found = state.lookup(key);
  return found.kind === 'found' && found.entry.reading.kind === 'read' ? found.entry.reading.task : undefined;
}
