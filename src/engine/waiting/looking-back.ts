import { given } from '../../domain/base/given.ts';
import { activityOf } from '../../domain/past/activity.ts';
import { movesOf } from '../../domain/past/task-changes.ts';
import { pauseEventOf } from '../../domain/past/task-event.ts';
import type { EventStore, PastChanges } from '../../store/event-store.ts';
import type { PastOptions } from '../queue/reader.ts';
import { type Told, tell } from './told.ts';

/** Most commits whose files are read at once. */
const AT_ONCE = 64;

/**
 * What happened in the queue or to one task, newest first. It reads as much history as is asked for: as many commits as
 * there are events wanted, back to the moment when the task was added. Renewals are left out, unread: they say that
 * nothing has happened yet.
 * @throws Failure if a commit that is named is not known
 */
export async function* lookBack(
  store: Pick<EventStore, 'back' | 'read' | 'resolve'>,
  { tip, limit, newerThanMs, after, project, task, onNotice }: PastOptions,
): AsyncGenerator<Told, void, void> {
  const range = {
    tip,
    ...given({ newerThanMs, after: after === undefined ? undefined : await store.resolve(after) }),
  };
  let left = limit ?? Number.POSITIVE_INFINITY;
  let batch: PastChanges[] = [];
  const flush = async function* (): AsyncGenerator<Told, 'enough' | 'more', void> {
    const told = await tell(store, batch);
    for (const commit of batch) {
      for (const one of [...(told.get(commit.oid) ?? [])].reverse()) {
        const { kind, project: its, task: id } = one.event;
        if (kind === 'task.renewed' || (project !== undefined && its !== project)) continue;
        if (task !== undefined && (its !== task.key.project || id !== task.key.id)) continue;
        yield one;
        left--;
        if (left === 0 || (task !== undefined && kind === 'task.added')) return 'enough';
      }
    }
    batch = [];
    return 'more';
  };
  for await (const commit of store.back(range, task?.paths)) {
    if (commit.isCut) {
      onNotice(`the history of this clone begins at ${commit.oid.slice(0, 10)}: what happened before is not known`);
      continue;
    }
    if (isRenewal(commit) || isElsewhere(commit, project)) continue;
    batch.push(commit);
    if (batch.length >= Math.min(AT_ONCE, left) && (yield* flush()) === 'enough') return;
  }
  yield* flush();
}

/** Whether the commit does nothing else, whatever it says. */
function isRenewal(commit: PastChanges): boolean {
  if (activityOf(commit)?.kind !== 'heartbeat') return false;
  return movesOf(commit).every(({ from, to }) => from?.state === to?.state);
}

/** Whether the commit is about tasks of other projects only. */
function isElsewhere(commit: PastChanges, project: string | undefined): boolean {
  if (project === undefined || pauseEventOf(commit)?.project === project) return false;
  return movesOf(commit).every(({ key }) => key.project !== project);
}
