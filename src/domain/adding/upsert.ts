import type { Refusal } from '../base/failure.ts';
import type { AddIntent } from '../intents/intent.ts';
import type { SetField, TaskEdit } from '../queue/edit.ts';
import type { NewTask } from '../queue/new-task.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { type DependencyEntry, formatKey, type Task } from '../queue/task.ts';
import { isSameList } from '../resolving/same-list.ts';
import { parseNeeds } from '../rules/needs.ts';
import { checksOf, touchesOf } from './compose.ts';
import type { LinkedTask } from './link.ts';
import { invalid } from './messages.ts';
import type { PlacedTask } from './place.ts';

export type Finding =
  | { readonly kind: 'found'; readonly known: ReadonlyMap<NewTask, TaskEntry> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Which tasks of the input the queue has already: by their ref in the same project, else by the id that they give, and
 * if they give neither, by their title; `by-ref` looks only at refs. Of several with one title, each is taken once, in
 * natural order.
 */
export function findExisting(
  state: QueueState,
  placed: readonly PlacedTask[],
  by: NonNullable<AddIntent['upsert']>,
): Finding {
  const refs = new Map<string, TaskEntry[]>();
  const titles = new Map<string, TaskEntry[]>();
  for (const entries of state.all()) {
    const [entry] = entries;
    if (entry?.reading.kind !== 'read') continue;
    const { ref, title = '' } = entry.reading.task;
    const [names, id] = ref === undefined ? [titles, title] : [refs, ref];
    const name = formatKey({ project: entry.key.project, id });
    const same = names.get(name);
    if (same) same.push(entry);
    else names.set(name, [entry]);
  }
  for (const [, same] of titles) same.sort((a, b) => compareNatural(a.key.id, b.key.id));
  const known = new Map<NewTask, TaskEntry>();
  const owners = new Map<TaskEntry, NewTask>();
  for (const { task, location } of placed) {
    const { project } = location;
    const { ref, id, place } = task;
    const [byRef, second] = ref === undefined ? [] : (refs.get(formatKey({ project, id: ref })) ?? []);
    if (byRef && second) {
      const both = `${formatKey(byRef.key)} and ${formatKey(second.key)}`;
      return { kind: 'refused', refusal: invalid(place, `the ref ${ref} is that of ${both}: which is meant?`) };
    }
    if (byRef && id !== undefined && byRef.key.id !== id) {
      const message = `the ref ${ref} is that of ${formatKey(byRef.key)}, and the input gives it the id ${id}`;
      return { kind: 'refused', refusal: invalid(place, message) };
    }
    const byId = by === true && byRef === undefined && id !== undefined ? state.lookup({ project, id }) : undefined;
    const isNameless = by === true && ref === undefined && id === undefined;
    const byTitle = isNameless ? titles.get(formatKey({ project, id: task.title }))?.shift() : undefined;
    const entry = byRef ?? (byId?.kind === 'found' ? byId.entry : byTitle);
    if (entry === undefined) continue;
    const other = owners.get(entry);
    if (other) {
      const message = `it is ${formatKey(entry.key)}, as is the task at ${other.place ?? 'the command line'}`;
      return { kind: 'refused', refusal: invalid(place, message) };
    }
    owners.set(entry, task);
    known.set(task, entry);
  }
  return { kind: 'found', known };
}

/**
 * What must change in the file of a task so that it says what the input says. What the input does not mention stays: a
 * person may have added it. What it requires is exactly what the input says.
 */
export function updatesOf({ task: input, key, required, needs, blocks }: LinkedTask, model: Task): readonly SetField[] {
  const edits: SetField[] = [];
  const { ref, title, type, batch, holdUntil, priority, summary, details, criteria } = input;
  const set = (key: 'title' | 'type' | 'ref' | 'batch' | 'hold_until', value: string | undefined, now?: string) => {
    if (value !== undefined && value !== now) edits.push({ kind: 'set-field', section: 'task', key, value });
  };
  set('ref', ref, model.ref);
  set('title', title, model.title);
  set('type', type, model.type);
  set('batch', batch, model.batch);
  set('hold_until', holdUntil, model.holdUntil);
  if (priority !== undefined && priority !== model.priority) {
    edits.push({ kind: 'set-field', section: 'task', key: 'priority', value: priority });
  }
  for (const [key, value] of Object.entries({ summary, details }) as ['summary' | 'details', string | undefined][]) {
    if (value !== undefined && value !== model[key]) {
      edits.push({ kind: 'set-field', section: 'description', key, value });
    }
  }
  if (criteria.length > 0 && !isSameList(criteria, model.acceptanceCriteria)) {
    edits.push({ kind: 'set-field', section: 'criteria', key: '', value: criteria });
  }
  const lists = { verify: checksOf(input), touches: touchesOf(input) };
  for (const [section, value] of Object.entries(lists) as ['verify' | 'touches', readonly string[] | undefined][]) {
    if (value !== undefined && !isSameList(value, model[section] ?? [])) {
      edits.push({ kind: 'set-field', section, key: '', value });
    }
  }
  const words = needs.flatMap((text) => parseNeeds(text, 1, key.project, key.id).words);
  if (words.length > 0 && !isSameList(textsOf(words), textsOf(model.needs ?? []))) {
    edits.push({ kind: 'set-field', section: 'needs', key: '', value: words });
  }
  for (const [key, value] of Object.entries({ required, blocks }) as [
    'required' | 'blocks',
    LinkedTask['required'],
  ][]) {
    const isMeant = key === 'required' || value.length > 0;
    if (isMeant && !isSameList(textsOf(value), textsOf(model[key]))) {
      edits.push({ kind: 'set-field', section: 'dependencies', key, value });
    }
  }
  for (const [key, value] of Object.entries(input.labels)) {
    if (model.labels[key] !== value) edits.push({ kind: 'set-field', section: 'labels', key, value });
  }
  return edits;
}

/**
 * The edit of the status that goes with these updates, if any: a task that requires something else now may have to
 * wait, or need not wait any more. What a person blocked stays blocked.
 * @param isRelieved whether something that it required was completed by the same input
 */
export function statusEdit(
  { task: input }: LinkedTask,
  updates: readonly SetField[],
  model: Task,
  target: string,
  isRelieved: boolean,
): readonly TaskEdit[] {
  const isAsked = input.status !== undefined;
  const isLinked = updates.some(({ section, key }) => section === 'dependencies' && key === 'required');
  const isOpen = model.blockedReason === undefined && (model.status === 'ready' || model.status === 'blocked');
  const status = input.status ?? target;
  return status !== model.status && (isAsked || ((isLinked || isRelieved) && isOpen))
    ? [{ kind: 'set-status', status }]
    : [];
}

function textsOf(entries: readonly DependencyEntry[]): readonly string[] {
  return entries.map(({ text }) => text);
}
