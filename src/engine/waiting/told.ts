import { type CommitChanges, eventOf, filesToRead, movesOf } from '../../domain/past/task-changes.ts';
import { pauseEventOf, type TaskEvent } from '../../domain/past/task-event.ts';
import type { Task } from '../../domain/queue/task.ts';
import type { EventStore } from '../../store/event-store.ts';

/** Something that happened, and the task as it was after that; undefined if its file cannot be read. */
export interface Told {
  readonly event: TaskEvent;
  readonly task: Task | undefined;
}

/** What happened in each of the commits, by their ids. All files that tell it are read in one batch. */
export async function tell(
  store: Pick<EventStore, 'read'>,
  commits: readonly CommitChanges[],
): Promise<ReadonlyMap<string, readonly Told[]>> {
  const moves = new Map(commits.map((commit) => [commit, movesOf(commit)]));
  const read = await store.read(
    commits.flatMap((commit) => (moves.get(commit) ?? []).flatMap((move) => filesToRead(commit, move))),
  );
  return new Map(
    commits.map((commit) => [
      commit.oid,
      [
        ...pausesIn(commit),
        ...(moves.get(commit) ?? []).flatMap((move) => {
          const event = eventOf(commit, move, read);
          const file = move.to ?? move.from;
          return event === undefined ? [] : [{ event, task: file && read(file) }];
        }),
      ],
    ]),
  );
}

/** A pause is in a file of its own, which is not a task. */
function pausesIn(commit: CommitChanges): readonly Told[] {
  const event = pauseEventOf(commit);
  return event === undefined ? [] : [{ event, task: undefined }];
}
