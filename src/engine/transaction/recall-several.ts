import { isoSeconds } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type {
  AddIntent,
  BlockIntent,
  CancelIntent,
  CompleteIntent,
  EditIntent,
  Intent,
  PauseIntent,
  ReleaseStalledIntent,
  ReopenIntent,
  ResumeIntent,
  UnblockIntent,
} from '../../domain/intents/intent.ts';
import type { AddedTask, ChangedTask, Outcome, StalledTask } from '../../domain/intents/outcome.ts';
import { activityOf, type CommitFacts, valuesOf } from '../../domain/past/activity.ts';
import { NEW_STATUSES, type NewStatus } from '../../domain/queue/new-task.ts';
import { QueueState } from '../../domain/queue/queue-state.ts';
import type { TaskEntry } from '../../domain/queue/snapshot.ts';
import { formatKey } from '../../domain/queue/task.ts';
import { TRAILER } from '../../domain/rules/decision.ts';
import { viewOf } from '../../domain/rules/task-view.ts';
import type { CarriedOutRequest } from '../../store/queue-store.ts';
import type { Engine } from '../base/engine.ts';
import { retryable } from '../base/retryable.ts';

/** An intent whose commit may change other tasks than the one that it names, or that names none. */
export type SeveralIntent =
  | CompleteIntent
  | UnblockIntent
  | ReleaseStalledIntent
  | AddIntent
  | EditIntent
  | CancelIntent
  | ReopenIntent
  | BlockIntent
  | PauseIntent
  | ResumeIntent;
export type SingleIntent = Exclude<Intent, SeveralIntent>;

const SEVERAL: ReadonlySet<Intent['kind']> = new Set<SeveralIntent['kind']>([
  'complete',
  'unblock',
  'release-stalled',
  'add',
  'edit',
  'cancel',
  'reopen',
  'block',
  'pause',
  'resume',
]);

/** Whether the commit's trailers hold the outcome of the intent, rather than one task. */
export function changesSeveral(intent: Intent): intent is SeveralIntent {
  return SEVERAL.has(intent.kind);
}

/** The outcome of such an intent, rebuilt from the trailers and the tree of the commit that carried it out. */
export async function recallSeveral(
  engine: Engine,
  intent: SeveralIntent,
  carried: CarriedOutRequest,
): Promise<Outcome> {
  const commit = await firstOf(engine.store.history(carried.commit, 1));
  const tasks = valuesOf(commit, TRAILER.task);
  const unblocked = valuesOf(commit, TRAILER.unblocked);
  const others = [TRAILER.detached, TRAILER.waiting].flatMap((key) => valuesOf(commit, key));
  const ids = new Set([...tasks, ...unblocked, ...others].map((name) => keyOf(name).id));
  const snapshot = await retryable(() =>
    engine.store.snapshot(carried.commit, { read: new Set(), ids, copies: 'kept' }),
  );
  const state = new QueueState(snapshot);
  const entries = (names: readonly string[]): TaskEntry[] => names.map((name) => entryOf(state, name, carried));
  const changed = (entry: TaskEntry): ChangedTask => changedTask(state, entry);
  switch (intent.kind) {
    case 'complete': {
      const [entry] = entries(tasks);
      if (!entry) throw inconsistent(carried);
      const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
      const { claimId } = task?.claim ?? {};
      const { completedAt, prUrl } = task?.completion ?? {};
      return {
        kind: 'completed',
        ...changed(entry),
        ...given({ claimId, prUrl, completedAt }),
        unblocked: entries(unblocked).map(changed),
      };
    }
    case 'add': {
      const updated = new Set(valuesOf(commit, TRAILER.updated));
      const wasThere = (entry: TaskEntry): Pick<AddedTask, 'was'> =>
        updated.has(formatKey(entry.key)) || activityOf(commit)?.kind === 'updated' ? { was: 'updated' } : {};
      return {
        kind: 'added',
        tasks: entries(tasks).map((entry) => ({ ...changed(entry), ...wasThere(entry), status: statusOf(entry) })),
        notices: [],
      };
    }
    case 'edit':
      // What they said before is not looked up.
      return { kind: 'edited', tasks: entries(tasks).map((entry) => ({ ...changed(entry), changed: [] })) };
    case 'cancel': {
      const named = (name: string): boolean => isNamed(intent, name);
      return {
        kind: 'cancelled',
        tasks: entries(tasks.filter(named)).map(changed),
        cascaded: entries(tasks.filter((name) => !named(name))).map(changed),
        detached: entries(valuesOf(commit, TRAILER.detached)).map(changed),
        unblocked: entries(unblocked).map(changed),
      };
    }
    case 'reopen':
      // Which tasks stayed as they were is not looked up.
      return {
        kind: 'reopened',
        tasks: entries(tasks).map(changed),
        waiting: entries(valuesOf(commit, TRAILER.waiting)).map(changed),
        untouched: [],
      };
    case 'block':
      return { kind: 'blocked', tasks: entries(tasks).map(changed) };
    case 'pause': {
      const { project, agent: by, reason } = intent;
      return { kind: 'paused', pause: { ...given({ project }), at: isoSeconds(commit.timeMs), by, reason } };
    }
    case 'resume':
      // What it ended is not looked up.
      return { kind: 'resumed', ...given({ project: intent.project }), left: snapshot.pauses ?? [] };
    case 'unblock':
      return { kind: 'unblocked', tasks: entries(tasks).map(changed) };
    case 'release-stalled':
      return {
        kind: 'released-stalled',
        olderThanMs: intent.olderThanMs ?? snapshot.settings.stalledAfterMs,
        tasks: entries(tasks).map((entry) => stalledTask(state, entry)),
      };
  }
}

function isNamed({ task, more = [] }: CancelIntent, name: string): boolean {
  const key = keyOf(name);
  return [task, ...more].some(({ project = key.project, id }) => project === key.project && id === key.id);
}

/** The holder of the claim is gone with its block. The ledger holds how often the task stalled. */
function stalledTask(state: QueueState, entry: TaskEntry): StalledTask {
  const isBlocked = entry.reading.kind === 'read' && entry.reading.task.blockedReason !== undefined;
  return { ...changedTask(state, entry), stalls: state.stalls(entry.key), isBlocked };
}

function statusOf(entry: TaskEntry): NewStatus {
  const status = entry.reading.kind === 'read' ? entry.reading.task.status : undefined;
  return NEW_STATUSES.find((candidate) => candidate === status) ?? 'ready';
}

function changedTask(state: QueueState, entry: TaskEntry): ChangedTask {
  const title = entry.reading.kind === 'read' ? entry.reading.task.title : undefined;
  return { key: entry.key, ...given({ title }), path: entry.path, view: viewOf(state, entry) };
}

function entryOf(state: QueueState, name: string, carried: CarriedOutRequest): TaskEntry {
  const found = state.lookup(keyOf(name));
  if (found.kind !== 'found') throw inconsistent(carried);
  return found.entry;
}

function keyOf(name: string): { project: string; id: string } {
  const [project = '', id = ''] = name.split('/');
  return { project, id };
}

function inconsistent(carried: CarriedOutRequest): Failure {
  return new Failure(
    'internal',
    `commit ${carried.commit} says it carried out ${carried.request}, but its tree does not`,
  );
}

async function firstOf(commits: AsyncIterable<CommitFacts>): Promise<CommitFacts> {
  for await (const commit of commits) return commit;
  throw new Error('a commit that was found has no history');
}
