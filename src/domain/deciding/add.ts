import { type Authorship, batchOf, documentOf, modelOf, type WrittenStatus } from '../adding/compose.ts';
import {
  completionChange,
  type DoneBefore,
  doneBefore,
  isDoneBefore,
  openings,
  statusOf,
  waitedFor,
} from '../adding/done-before.ts';
import { type LinkedTask, linkTasks } from '../adding/link.ts';
import { at, invalid } from '../adding/messages.ts';
import { numberTasks } from '../adding/number.ts';
import { placeTasks } from '../adding/place.ts';
import { findExisting, statusEdit, updatesOf } from '../adding/upsert.ts';
import { isoSeconds } from '../base/clock.ts';
import type { Refusal } from '../base/failure.ts';
import { given } from '../base/given.ts';
import type { AddIntent } from '../intents/intent.ts';
import type { AddedOutcome, AddedTask } from '../intents/outcome.ts';
import { type BatchProgress, batchesOf, type Hold, isHoldMet, neededFor, parseHold } from '../queue/batches.ts';
import type { TaskChange, TaskCreation, Trailer } from '../queue/edit.ts';
import type { Location } from '../queue/layouts.ts';
import type { NewTask } from '../queue/new-task.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { type Decision, eachTask, refused, TRAILER, trailersOf } from '../rules/decision.ts';
import { ledgersAfter } from '../rules/ledger.ts';

/**
 * Creates all tasks of the intent in one commit, or none. Ids are chosen here, on the fetched tip: after a rejected
 * push the decision is made again, and ids are chosen again.
 */
export function decideAdd(state: QueueState, intent: AddIntent, now: number): Decision {
  const placing = placeTasks(state, intent);
  if (placing.kind === 'refused') return refused(placing.refusal);
  const finding = intent.upsert !== undefined ? findExisting(state, placing.tasks, intent.upsert) : NOTHING_KNOWN;
  if (finding.kind === 'refused') return refused(finding.refusal);
  const { known } = finding;
  const numbering = numberTasks(state, placing.tasks, intent.idPrefix, known);
  if (numbering.kind === 'refused') return refused(numbering.refusal);
  const linking = linkTasks(state, numbering.tasks);
  if (linking.kind === 'refused') return refused(linking.refusal);

  const authorship: Authorship = { by: intent.agent, at: isoSeconds(now) };
  const holds = new Holds(
    state,
    linking.tasks.filter(({ task }) => !known.has(task)),
  );
  const done = doneBefore(linking.tasks);
  const created: TaskCreation[] = [];
  const changed: TaskChange[] = [];
  const tasks: AddedTask[] = [];
  const warnings = new Set(placing.newProjects.map(describeProject));
  for (const linked of linking.tasks) {
    const entry = known.get(linked.task);
    if (entry !== undefined) {
      const { task, change } = updated(state, linked, entry, done);
      tasks.push(task);
      if (change !== undefined) changed.push(change);
      continue;
    }
    const held: HoldVerdict =
      linked.task.completion === undefined && linked.task.cancellation === undefined
        ? holds.judge(linked)
        : { kind: 'open' };
    if (held.kind === 'refused') return refused(held.refusal);
    if (held.kind === 'held' && held.warning !== undefined) warnings.add(held.warning);
    const { cancellation } = linked.task;
    const open = held.kind === 'held' ? 'pending' : (linked.task.status ?? statusOf(state, linked, done));
    const status = cancellation === undefined ? open : 'cancelled';
    const creation = creationOf(linked, status, authorship);
    created.push(creation);
    const { title, ref } = linked.task;
    tasks.push({ key: linked.key, title, path: creation.entry.path, status, ...given({ ref }) });
  }
  const opened = openings(state, changed);
  const outcome: AddedOutcome = { kind: 'added', tasks, notices: [...warnings] };
  if (created.length === 0 && changed.length === 0) return { kind: 'unchanged', outcome };
  const keys = [...created.map(({ entry }) => entry.key), ...changed.map(({ key }) => key)];
  return {
    kind: 'commit',
    commit: {
      subject: subjectOf(created, changed),
      trailers: [
        ...trailersOf(intent, keys),
        ...updatedTrailers(created, changed),
        ...eachTask(TRAILER.unblocked, opened),
      ],
      author: intent.agent,
      tasks: [...changed, ...opened],
      created,
      files: [...placing.files, ...ledgersAfter(state, changed)],
    },
    outcome,
  };
}

const NOTHING_KNOWN = { kind: 'found', known: new Map<NewTask, TaskEntry>() } as const;

/** Brings a task that is there already to what the input says, unless somebody works on it or has completed it. */
function updated(
  state: QueueState,
  linked: LinkedTask,
  entry: TaskEntry,
  done: DoneBefore,
): { readonly task: AddedTask; readonly change?: TaskChange } {
  const { key, path, reading } = entry;
  const { ref, title } = linked.task;
  const model = reading.kind === 'read' ? reading.task : undefined;
  const task = { key, title: model?.title ?? title, path, status: model?.status ?? '', ...given({ ref }) };
  if (entry.state !== 'ready' || model === undefined) return { task: { ...task, was: 'kept' } };
  const updates = updatesOf(linked, model);
  const { completion } = linked.task;
  if (completion !== undefined) {
    const change = completionChange(state, entry, updates, completion);
    return { task: { ...task, title, path: change.toPath, was: 'updated' }, change };
  }
  const wished = statusOf(state, linked, done);
  const edits = [...updates, ...statusEdit(linked, updates, model, wished, waitedFor(linked, done))];
  if (edits.length === 0) return { task: { ...task, was: 'same' } };
  const last = edits.at(-1);
  const status = last?.kind === 'set-status' ? last.status : task.status;
  return {
    task: { ...task, title, status, was: 'updated' },
    change: { key, from: 'ready', to: 'ready', fromPath: path, toPath: path, edits },
  };
}

function creationOf(linked: LinkedTask, status: WrittenStatus, authorship: Authorship): TaskCreation {
  const { key, location } = linked;
  const folder = isDoneBefore(linked.task) ? 'completed' : 'ready';
  return {
    entry: {
      key,
      state: folder,
      path: `${location.folders[folder]}${key.id}.toon`,
      blob: '',
      mode: '100644',
      location,
      reading: { kind: 'read', task: modelOf(linked, status, authorship), findings: [] },
    },
    document: documentOf(linked, status, authorship),
  };
}

/** The subject says it of all of them if nothing was added. */
function updatedTrailers(created: readonly TaskCreation[], changed: readonly TaskChange[]): Trailer[] {
  return created.length === 0 ? [] : eachTask(TRAILER.updated, changed);
}

function subjectOf(created: readonly TaskCreation[], changed: readonly TaskChange[]): string {
  const keys = [...created.map(({ entry }) => entry.key), ...changed.map(({ key }) => key)];
  const projects = new Set(keys.map(({ project }) => project));
  const [first] = projects;
  const where = projects.size === 1 ? first : `${projects.size} projects`;
  const tasks = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`;
  if (created.length === 0) return `[ORCHESTRATOR] Updated ${tasks(changed.length)} of ${where}`;
  const more = changed.length === 0 ? '' : `, updated ${changed.length}`;
  return `[ORCHESTRATOR] Added ${tasks(created.length)} to ${where}${more}`;
}

function describeProject({ project, layout, folders }: Location): string {
  return `${project} is a new project, in the layout ${layout}: ${folders.ready}`;
}

type HoldVerdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'held'; readonly warning?: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Judges what new tasks wait for besides their dependencies. The new tasks themselves count as members of their
 * batches.
 */
class Holds {
  readonly #state: QueueState;
  readonly #tasks: readonly LinkedTask[];
  readonly #projects = new Map<string, ReadonlyMap<string, BatchProgress>>();

  constructor(state: QueueState, tasks: readonly LinkedTask[]) {
    this.#state = state;
    this.#tasks = tasks;
  }

  judge(linked: LinkedTask): HoldVerdict {
    const { task, key } = linked;
    if (task.holdUntil === undefined) return { kind: 'open' };
    const parsed = parseHold(task.holdUntil);
    if (parsed.kind === 'problem') return { kind: 'refused', refusal: invalid(task.place, parsed.problem) };
    const { hold } = parsed;
    const progress = this.#batches(key.project).get(hold.batch);
    if (waitsForItself(hold, batchOf(linked), progress)) {
      const message = `the task is in the batch ${hold.batch} itself, and waits for all of it`;
      return { kind: 'refused', refusal: invalid(task.place, message) };
    }
    if (isHoldMet(hold, progress)) return { kind: 'open' };
    if (progress !== undefined) return { kind: 'held' };
    return { kind: 'held', warning: at(task.place, `no task of ${key.project} is in the batch ${hold.batch} yet`) };
  }

  #batches(project: string): ReadonlyMap<string, BatchProgress> {
    const known = this.#projects.get(project);
    if (known) return known;
    const batches = batchesOf(this.#state.allOf(project));
    for (const linked of this.#tasks) {
      const batch = batchOf(linked);
      if (batch === undefined || linked.key.project !== project) continue;
      const { completed, total } = batches.get(batch) ?? { completed: 0, total: 0 };
      batches.set(batch, { completed: completed + (isDoneBefore(linked.task) ? 1 : 0), total: total + 1 });
    }
    this.#projects.set(project, batches);
    return batches;
  }
}

function waitsForItself(hold: Hold, batch: string | undefined, progress: BatchProgress | undefined): boolean {
  return hold.batch === batch && progress !== undefined && neededFor(hold, progress.total) >= progress.total;
}
