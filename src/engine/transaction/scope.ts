import { given } from '../../domain/base/given.ts';
import type { AddIntent, Intent, TaskReference } from '../../domain/intents/intent.ts';
import { parseDependencyEntries, requiredKey } from '../../domain/queue/dependency-entry.ts';
import type { TaskState } from '../../domain/queue/task.ts';
import { readText } from '../../store/codec/read-task.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';

/**
 * The least that must be read to decide the intents: reading is most of the cost of a claim on a large queue. Completed
 * tasks are only looked up by name. Their files are read only if something waits for a batch.
 *
 * @param now milliseconds since the epoch: it tells which heartbeats are from the future
 */
export function scopeOf(intents: readonly Intent[], now: number): SnapshotScope {
  const read = new Set<TaskState>();
  const ids = new Set<string>();
  let holds = false;
  let isWhole = false;
  const whole = new Set<string>();
  const required = new Set<string>();
  let witnesses: { now: number; limitMs?: number } | undefined;
  let rivals: { now: number } | undefined;
  for (const intent of intents) {
    switch (intent.kind) {
      case 'claim':
        read.add('ready');
        if (intent.task) read.add('claimed');
        rivals = { now };
        break;
      case 'release':
        // If it is not claimed any more, its owner may have asked something.
        read.add('claimed');
        ids.add(intent.task.id);
        break;
      case 'heartbeat':
        // Its answer tells what others have changed of the task.
        read.add('claimed');
        whole.add(intent.task.id);
        break;
      case 'take':
      case 'ask':
      case 'review':
        read.add('claimed');
        break;
      case 'note':
      case 'answer':
        ids.add(intent.task.id);
        break;
      case 'edit':
        for (const { id } of [intent.task, ...(intent.more ?? [])]) ids.add(id);
        // What is compared is in no index, and a circle of dependencies may go through any open task.
        isWhole = true;
        if (intent.text !== undefined) {
          read.add('ready').add('claimed');
          for (const project of projectsIn(requiredIn(intent.text.now, intent.task))) required.add(project);
        }
        if (intent.edits.requires === undefined) break;
        read.add('ready').add('claimed');
        for (const project of projectsIn(intent.edits.requires.set ?? intent.edits.requires.add ?? [])) {
          required.add(project);
        }
        break;
      case 'pause':
      case 'resume':
        // Which projects there are and what is paused is in every snapshot.
        break;
      case 'block':
        for (const { id } of [intent.task, ...(intent.more ?? [])]) ids.add(id);
        break;
      case 'cancel':
      case 'reopen':
        for (const { id } of [intent.task, ...(intent.more ?? [])]) ids.add(id);
        // What requires them, and what waits for a share of their batch. Reopening names completed tasks, too.
        read.add('ready').add('claimed');
        if (intent.kind === 'reopen') read.add('completed');
        holds = true;
        break;
      case 'add':
        // Existing tasks may close a circle of dependencies, and may require an id that must stay free.
        read.add('ready').add('claimed');
        for (const project of requiredProjects(intent)) required.add(project);
        if (intent.tasks.some(({ holdUntil }) => holdUntil !== undefined)) read.add('completed');
        if (intent.upsert !== undefined) {
          // A ref may be that of any task, and what is compared is in no index.
          read.add('completed');
          isWhole = true;
        }
        break;
      case 'complete':
        // The task itself, wherever it is, and what may have waited for it.
        ids.add(intent.task.id);
        read.add('ready');
        holds = true;
        break;
      case 'unblock':
        read.add('ready');
        holds ||= intent.task === undefined;
        break;
      case 'release-stalled':
        read.add('claimed');
        witnesses = { now, ...shorter(witnesses ? witnesses.limitMs : intent.olderThanMs, intent.olderThanMs) };
        break;
    }
  }
  return {
    read,
    ...(isWhole ? {} : { use: 'deciding' as const }),
    ...(ids.size === 0 ? {} : { ids }),
    ...(whole.size === 0 ? {} : { whole }),
    ...(required.size === 0 ? {} : { required }),
    ...(holds ? { batches: 'where-held' as const } : {}),
    ...given({ witnesses, rivals }),
  };
}

/** Other projects that new tasks require tasks of. */
function requiredProjects({ tasks }: AddIntent): string[] {
  return tasks.flatMap(({ required }) => projectsIn(required));
}

/** What a text of a task requires; nothing if it cannot be read. */
function requiredIn(text: string, { project = '', id }: TaskReference): string[] {
  const reading = readText(text, { path: '', key: { project, id } });
  return reading.kind === 'read' ? reading.task.required.map(({ text: entry }) => entry) : [];
}

/** The projects in entries of a list of dependencies, as far as they name any. */
function projectsIn(required: readonly string[]): string[] {
  return required
    .filter((text) => text.includes('/'))
    .flatMap((text) => parseDependencyEntries(text, 1, ''))
    .flatMap(({ id }) => (id?.includes('/') ? [requiredKey(id, '').project] : []));
}

/**
 * What must be read besides, to decide whether claims that look stalled are: the claimed files, and what else is known
 * of their owners.
 */
export function withWitnesses(scope: SnapshotScope, now: number): SnapshotScope {
  return { ...scope, read: new Set([...scope.read, 'claimed']), witnesses: scope.witnesses ?? { now } };
}

/** Whether a snapshot of the first scope holds everything that the second asks for. */
export function covers(scope: SnapshotScope, needed: SnapshotScope): boolean {
  return (
    [...needed.read].every((state) => scope.read.has(state)) &&
    [...(needed.ids ?? [])].every((id) => scope.ids?.has(id)) &&
    [...(needed.whole ?? [])].every((id) => scope.use === undefined || scope.whole?.has(id)) &&
    [...(needed.required ?? [])].every((project) => scope.required?.has(project)) &&
    (scope.use === undefined || needed.use === 'deciding') &&
    (needed.batches === undefined || scope.batches !== undefined) &&
    (needed.rivals === undefined || scope.rivals !== undefined) &&
    (needed.witnesses === undefined || (scope.witnesses !== undefined && isAsStrict(scope.witnesses, needed.witnesses)))
  );
}

/**
 * The shorter of two limits for silence. Absent: the limit of the pool, which is unknown here and counts as shortest.
 */
function shorter(one: number | undefined, other: number | undefined): { readonly limitMs?: number } {
  return one === undefined && other === undefined ? {} : { limitMs: Math.min(one ?? 0, other ?? 0) };
}

function isAsStrict(scope: { readonly limitMs?: number }, needed: { readonly limitMs?: number }): boolean {
  return scope.limitMs === needed.limitMs;
}
