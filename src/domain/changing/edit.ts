import type { Refusal } from '../base/failure.ts';
import { given } from '../base/given.ts';
import { quote } from '../base/names.ts';
import type { EditIntent, TaskReference } from '../intents/intent.ts';
import type { EditedTask } from '../intents/outcome.ts';
import { isSameKey, parseDependencyEntries, requiredKey, requiredKeys } from '../queue/dependency-entry.ts';
import type { ListEdit, SetField, TaskChange, TaskEdit, TaskEdits } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { type DependencyEntry, formatKey, type Task, type TaskKey } from '../queue/task.ts';
import { type ReadEntry, type Resolved, resolveReadable, resolveReference } from '../resolving/reference.ts';
import { isSameList } from '../resolving/same-list.ts';
import { type Decision, refused, subjectOf, trailersOf } from '../rules/decision.ts';
import { findCycles } from '../rules/dependency-graph.ts';
import { cancelledRequirement, unknownTask } from '../rules/unknown-names.ts';

/**
 * Changes the named fields of the tasks, all in one commit, or none of them. A claimed task may be edited, but its
 * only its owner may change its status; a completed one is history.
 */
export function decideEdit(state: QueueState, intent: EditIntent): Decision {
  const found = new Map<string, ReadEntry>();
  for (const reference of [intent.task, ...(intent.more ?? [])]) {
    const editable = resolveEditable(state, reference);
    if (editable.kind === 'refused') return refused(editable.refusal);
    found.set(formatKey(editable.entry.key), editable);
  }

  const required = newRequirements(state, [...found.values()], intent.edits.requires);
  if (required.kind === 'refused') return refused(required.refusal);
  const changes: TaskChange[] = [];
  const tasks: EditedTask[] = [];
  for (const [name, { entry, task }] of found) {
    const fields = editsOf(task, intent.edits, required.lists.get(name));
    const status = entry.state === 'ready' ? statusEdits(state, entry.key, task, required.lists.get(name)) : [];
    const edits: readonly TaskEdit[] = [...fields, ...status];
    const { key, path } = entry;
    const changed = [...new Set(edits.map(nameOf))];
    tasks.push({ key, ...given({ title: intent.edits.title ?? task.title }), path, changed });
    if (edits.length === 0) continue;
    changes.push({ key, from: entry.state, to: entry.state, fromPath: path, toPath: path, edits });
  }
  if (changes.length === 0) return { kind: 'unchanged', outcome: { kind: 'edited', tasks } };
  return edited(intent, changes, tasks);
}

/** The commit of an edit. */
export function edited(
  intent: EditIntent,
  changes: readonly TaskChange[],
  tasks: readonly EditedTask[],
): Extract<Decision, { kind: 'commit' }> {
  const keys = changes.map(({ key }) => key);
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-EDIT] ${intent.agent} edited ${subjectOf(keys)}`,
      trailers: trailersOf(intent, keys),
      author: intent.agent,
      tasks: changes,
      files: [],
    },
    outcome: { kind: 'edited', tasks },
  };
}

/** The task, if it may be edited. */
export function resolveEditable(state: QueueState, reference: TaskReference): Resolved<ReadEntry> {
  const branch = reference.project === undefined ? undefined : state.otherBranch?.(reference.project);
  if (branch !== undefined) {
    const message = `${reference.project} lives on the branch ${branch}: edit its tasks in a command of their own`;
    return { kind: 'refused', refusal: { code: 'usage', message } };
  }
  const resolved = resolveReference(state, reference);
  if (resolved.kind === 'refused') return resolved;
  if (resolved.entry.state === 'completed') {
    const message = `${formatKey(resolved.entry.key)} is completed, and what is done is not edited`;
    const hint = 'add a note instead, or another task';
    return { kind: 'refused', refusal: { code: 'task-invalid', message, hint } };
  }
  return resolveReadable(resolved.entry);
}

type Requirements =
  /** By task; only for tasks whose list changes. */
  | { readonly kind: 'lists'; readonly lists: ReadonlyMap<string, readonly DependencyEntry[]> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function newRequirements(state: QueueState, tasks: readonly ReadEntry[], edit: ListEdit | undefined): Requirements {
  const lists = new Map<string, readonly DependencyEntry[]>();
  if (edit === undefined) return { kind: 'lists', lists };
  const unused = new Set(edit.remove ?? []);
  for (const { entry, task } of tasks) {
    const { project } = entry.key;
    const added: DependencyEntry[] = [];
    for (const text of edit.set ?? edit.add ?? []) {
      for (const one of parseDependencyEntries(text, 1, project)) {
        const isNew = task.required.every(({ id }) => id !== one.id);
        const refusal = requirementProblem(state, entry.key, one, isNew);
        if (refusal !== undefined) return { kind: 'refused', refusal };
        added.push(one);
      }
    }
    const removed = new Set<string | undefined>();
    for (const text of edit.remove ?? []) {
      const [one] = parseDependencyEntries(text, 1, project);
      if (!task.required.some(({ id }) => id !== undefined && id === one?.id)) continue;
      removed.add(one?.id);
      unused.delete(text);
    }
    const kept = edit.set === undefined ? task.required.filter(({ id }) => id === undefined || !removed.has(id)) : [];
    const known = new Set(kept.map(({ id }) => id));
    const list = [...kept, ...added.filter(({ id }) => !known.has(id) && known.add(id))];
    if (!isSameList(textsOf(list), textsOf(task.required))) lists.set(formatKey(entry.key), list);
  }
  const [left] = unused;
  if (left !== undefined) {
    const names = tasks.map(({ entry }) => formatKey(entry.key)).join(', ');
    const message = `${names} ${tasks.length === 1 ? 'does' : 'do'} not require ${quote(left)}`;
    return { kind: 'refused', refusal: { code: 'task-invalid', message, hint: 'see `agentq show`' } };
  }
  const refusal = cycleProblem(state, tasks, lists);
  return refusal === undefined ? { kind: 'lists', lists } : { kind: 'refused', refusal };
}

/** Why the task cannot require this. */
export function requirementProblem(
  state: QueueState,
  key: TaskKey,
  { id, text }: DependencyEntry,
  isNew: boolean,
): Refusal | undefined {
  if (id === undefined) return { code: 'task-invalid', message: `--requires ${quote(text)} names no task` };
  const required = requiredKey(id, key.project);
  if (isSameKey(required, key)) {
    return { code: 'task-invalid', message: `${formatKey(key)} would require itself` };
  }
  const problem = isNew ? cancelledRequirement(state, required) : undefined;
  if (problem !== undefined) return problem;
  if (state.exists(required)) return undefined;
  const branch = state.otherBranch?.(required.project);
  if (branch === undefined) return unknownTask(state, required);
  const message = `there is no task ${required.id} in project ${required.project}, on the branch ${branch}`;
  return { code: 'unknown-task', message };
}

/** Looks only at cycles that go through an edited task: others were there before. */
export function cycleProblem(
  state: QueueState,
  tasks: readonly ReadEntry[],
  lists: ReadonlyMap<string, readonly DependencyEntry[]>,
): Refusal | undefined {
  if (lists.size === 0) return undefined;
  const keys = tasks.map(({ entry }) => entry.key);
  const edited = keys.length;
  const numbers = new Map(keys.map((key, at) => [formatKey(key), at]));
  const edges: number[][] = [];
  for (let key = keys[0]; key !== undefined; key = keys[edges.length]) {
    const to: number[] = [];
    for (const next of waitsFor(state, key, lists)) {
      const known = numbers.get(formatKey(next));
      to.push(known ?? keys.length);
      if (known !== undefined) continue;
      numbers.set(formatKey(next), keys.length);
      keys.push(next);
    }
    edges.push(to);
  }
  const [cycle] = findCycles(edges, 1).filter(([first]) => first !== undefined && first < edited);
  if (cycle === undefined) return undefined;
  const path = [...cycle, ...cycle.slice(0, 1)].flatMap((at) => keys[at] ?? []).map(formatKey);
  return { code: 'task-invalid', message: `the dependencies would form a cycle: ${path.join(' -> ')}` };
}

function waitsFor(
  state: QueueState,
  key: TaskKey,
  lists: ReadonlyMap<string, readonly DependencyEntry[]>,
): readonly TaskKey[] {
  const found = state.lookup(key);
  // Nothing waits for a completed task any more.
  if (found.kind !== 'found' || found.entry.state === 'completed') return [];
  const list = lists.get(formatKey(key)) ?? state.requirements(found.entry);
  return requiredKeys(list, key.project);
}

function editsOf(task: Task, edits: TaskEdits, required: readonly DependencyEntry[] | undefined): readonly SetField[] {
  const fields: SetField[] = [];
  for (const key of ['title', 'type', 'batch'] as const) {
    const value = edits[key];
    if (value !== undefined && value !== task[key]) fields.push({ kind: 'set-field', section: 'task', key, value });
  }
  const { priority, details, labels = {}, criteria } = edits;
  if (priority !== undefined && priority !== task.priority) {
    fields.push({ kind: 'set-field', section: 'task', key: 'priority', value: priority });
  }
  if (details !== undefined && details !== task.details) {
    fields.push({ kind: 'set-field', section: 'description', key: 'details', value: details });
  }
  const list = criteria === undefined ? task.acceptanceCriteria : listAfter(task.acceptanceCriteria, criteria);
  if (!isSameList(list, task.acceptanceCriteria)) {
    fields.push({ kind: 'set-field', section: 'criteria', key: '', value: list });
  }
  if (required !== undefined) {
    fields.push({ kind: 'set-field', section: 'dependencies', key: 'required', value: required });
  }
  for (const [key, value] of Object.entries(labels)) {
    if (String(task.labels[key] ?? '') === value && Object.hasOwn(task.labels, key)) continue;
    fields.push({ kind: 'set-field', section: 'labels', key, value });
  }
  return fields;
}

function listAfter(before: readonly string[], { set, add = [], remove = [] }: ListEdit): readonly string[] {
  if (set !== undefined) return set;
  const kept = before.filter((one) => !remove.includes(one.trim()));
  return [...kept, ...add.filter((one) => !kept.includes(one))];
}

/** A task that requires something else now may have to wait, or need not wait any more. */
export function statusEdits(
  state: QueueState,
  { project }: TaskKey,
  { status, blockedReason, holdUntil }: Task,
  required: readonly DependencyEntry[] | undefined,
): readonly TaskEdit[] {
  if (required === undefined || blockedReason !== undefined) return [];
  const isOpen = requiredKeys(required, project).every((key) => state.isCompleted(key));
  if (status === 'ready' && !isOpen) return [{ kind: 'set-status', status: 'blocked' }];
  const isWaiting = (status === 'blocked' || status === 'pending') && holdUntil === undefined;
  return isWaiting && isOpen ? [{ kind: 'set-status', status: 'ready' }] : [];
}

/** The field as options name it. */
function nameOf(edit: TaskEdit): string {
  if (edit.kind === 'set-status') return 'status';
  if (edit.kind !== 'set-field') return edit.kind;
  if (edit.section === 'criteria') return 'criteria';
  if (edit.section === 'labels') return `label ${edit.key}`;
  return edit.section === 'dependencies' ? 'requires' : edit.key;
}

/** The entries as written. */
export function textsOf(entries: readonly DependencyEntry[]): readonly string[] {
  return entries.map(({ text }) => text);
}
