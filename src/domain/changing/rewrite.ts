import type { Refusal } from '../base/failure.ts';
import { given } from '../base/given.ts';
import { quote } from '../base/names.ts';
import type { EditIntent, TextEdit } from '../intents/intent.ts';
import type { TaskChange } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { type DependencyEntry, formatKey, type Task, type TaskKey } from '../queue/task.ts';
import type { ReadEntry } from '../resolving/reference.ts';
import { isSameList } from '../resolving/same-list.ts';
import { type Decision, refused } from '../rules/decision.ts';
import { cycleProblem, edited, requirementProblem, resolveEditable, statusEdits, textsOf } from './edit.ts';

/**
 * Replaces the whole text of a task by one that somebody has written, if that is still a text of this task: with its
 * id, with requirements that exist and form no cycle, and with what only agentq may change as it was. Not a byte of it
 * is changed, except for a status that follows from other requirements.
 */
export function decideRewrite(state: QueueState, intent: EditIntent, { was, now }: TextEdit): Decision {
  const found = resolveEditable(state, intent.task);
  if (found.kind === 'refused') return refused(found.refusal);
  const { entry, task } = found;
  const { key, path } = entry;
  const name = formatKey(key);
  // What an earlier intent of the group has done to it is not in its blob.
  if (entry.blob !== was || !state.entriesOf(key.project).includes(entry)) {
    return invalid(`the text of ${name} has changed meanwhile`, 'edit the new text');
  }
  const reading = state.readText?.(now, entry);
  if (reading?.kind !== 'read') {
    const { line, message } = reading?.kind === 'unreadable' ? reading : { line: undefined, message: 'not read' };
    return invalid(`the text of ${name} cannot be read${line === undefined ? '' : `, line ${line}`}: ${message}`);
  }
  const after = reading.task;
  const refusal =
    identityProblem(key, task, after) ?? statusProblem(entry, task, after) ?? blocksProblem(name, task, after);
  if (refusal !== undefined) return refused(refusal);
  const isOther = textsOf(after.required).join('\n') !== textsOf(task.required).join('\n');
  const wrong = isOther ? requiredProblem(state, found, after.required) : undefined;
  if (wrong !== undefined) return refused(wrong);

  const isTheirs = entry.state === 'ready' && task.status === after.status;
  const status = isTheirs ? statusEdits(state, key, after, isOther ? after.required : undefined) : [];
  const changed = [...new Set([...changedFields(task, after), ...status.map(() => 'status')])];
  const edits: TaskChange['edits'] = [{ kind: 'replace-text', text: now, task: after }, ...status];
  const change: TaskChange = { key, from: entry.state, to: entry.state, fromPath: path, toPath: path, edits };
  return edited(intent, [change], [{ key, ...given({ title: after.title }), path, changed }]);
}

function invalid(message: string, hint?: string): Decision {
  return refused({ code: 'task-invalid', message, ...given({ hint }) });
}

/** A name that was wrong may be put right. */
function identityProblem(key: TaskKey, before: Task, after: Task): Refusal | undefined {
  const name = formatKey(key);
  if (after.declaredId !== before.declaredId && after.declaredId !== key.id) {
    const message = `the id of ${name} cannot be changed to ${quote(after.declaredId ?? '')}`;
    return { code: 'task-invalid', message, hint: 'the name of the file is the id' };
  }
  if (after.declaredProject !== before.declaredProject && after.declaredProject !== key.project) {
    const message = `the project of ${name} cannot be changed to ${quote(after.declaredProject ?? '')}`;
    return { code: 'task-invalid', message, hint: 'the folder of the file is the project' };
  }
  return undefined;
}

/** Words that go with a block or a folder: commands set both. */
const BY_COMMANDS: ReadonlySet<string | undefined> = new Set(['asking', 'cancelled', 'claimed', 'review', 'completed']);

function statusProblem({ key, state }: TaskEntry, before: Task, after: Task): Refusal | undefined {
  if (after.status === before.status) return undefined;
  const name = formatKey(key);
  if (state === 'claimed') {
    const message = `${name} is claimed: only its owner may change its status`;
    return { code: 'task-invalid', message, hint: 'release it first, or leave the line `status:` as it is' };
  }
  if (!BY_COMMANDS.has(before.status) && !BY_COMMANDS.has(after.status)) return undefined;
  const message = `the status of ${name} cannot be changed from ${before.status ?? 'none'} to ${after.status ?? 'none'}`;
  return { code: 'task-invalid', message, hint: 'see agentq cancel, reopen, ask, answer and complete' };
}

/** Blocks that only commands may write: fencing and history rely on them. */
const BLOCKS = ['claim', 'completion', 'cancellation'] as const;

function blocksProblem(name: string, before: Task, after: Task): Refusal | undefined {
  const other = BLOCKS.find((block) => JSON.stringify(before[block]) !== JSON.stringify(after[block]));
  if (other === undefined) return undefined;
  return {
    code: 'task-invalid',
    message: `the lines under \`${other}:\` of ${name} are agentq's: leave them as they are`,
  };
}

/** Only what is new is judged: what was there may name what is gone. */
function requiredProblem(
  state: QueueState,
  { entry, task }: ReadEntry,
  required: readonly DependencyEntry[],
): Refusal | undefined {
  const known = new Set(task.required.map(({ id }) => id));
  for (const one of required) {
    if (one.id === undefined || known.has(one.id)) continue;
    const refusal = requirementProblem(state, entry.key, one, true);
    if (refusal !== undefined) return refusal;
  }
  return cycleProblem(state, [{ entry, task }], new Map([[formatKey(entry.key), required]]));
}

/** Fields of the model by the names that options and files have for them. */
const FIELDS: Readonly<Partial<Record<keyof Task, string>>> = {
  title: 'title',
  type: 'type',
  priority: 'priority',
  status: 'status',
  batch: 'batch',
  ref: 'ref',
  summary: 'summary',
  details: 'details',
  acceptanceCriteria: 'criteria',
  verify: 'verify',
  needs: 'needs',
  touches: 'touches',
  labels: 'labels',
  holdUntil: 'hold_until',
  blockedReason: 'blocked_reason',
  notes: 'notes',
  questions: 'questions',
};

/** Names of the fields that have changed; `text` if the model does not know them. */
function changedFields(before: Task, after: Task): readonly string[] {
  const fields = Object.entries(FIELDS).flatMap(([key, name]) => {
    const of = (task: Task): string => JSON.stringify(task[key as keyof Task], withoutLine);
    return of(before) === of(after) ? [] : [name];
  });
  const lists = [
    ...(isSameList(textsOf(before.required), textsOf(after.required)) ? [] : ['requires']),
    ...(isSameList(textsOf(before.blocks), textsOf(after.blocks)) ? [] : ['blocks']),
  ];
  return fields.length + lists.length === 0 ? ['text'] : [...fields, ...lists];
}

function withoutLine(key: string, value: unknown): unknown {
  return key === 'line' ? undefined : value;
}
