import type { ProjectElsewhere, ProjectSnapshot, QueueSnapshot, TaskEntry, UnlistedTasks } from './snapshot.ts';
import type { TaskKey } from './task.ts';

type Entries = readonly TaskEntry[];

const NONE: Entries = [];

/** The tasks of one project by id, those that the snapshot does not list among them. */
export class ProjectTasks {
  readonly #listed: Entries;
  /** Made when the first task is asked for: a claim asks few projects of many, and 10,000 entries take it 10 ms. */
  #byId: Map<string, Entries> | undefined;
  /** What {@link #byId} lacks; undefined once it lacks nothing. */
  #unlisted: UnlistedTasks | undefined;
  /** Ids whose entries are other ones than in the snapshot. */
  readonly #changed = new Set<string>();

  /** @param project absent: a project that the snapshot does not have */
  constructor(project?: ProjectSnapshot) {
    this.#listed = project?.entries ?? NONE;
    this.#unlisted = project?.unlisted;
  }

  /** None, one, or several: a task in several folders at once. */
  get(id: string): Entries {
    const known = this.#tasks().get(id) ?? NONE;
    if (this.#unlisted === undefined || this.#changed.has(id)) return known;
    const more = this.#unlisted.find(id);
    if (more.length === 0) return known;
    if (known.length + more.length === 1) return more;
    // Only the whole list tells in which order they are. Such a task is a defect, so it is rare.
    return this.#whole().get(id) ?? NONE;
  }

  /** Whether the task is in a folder of completed tasks, and in no other. */
  isCompleted(id: string): boolean {
    // One that is in another folder is not, whether or not it is among the unlisted ones too.
    const [known] = this.#tasks().get(id) ?? NONE;
    if (known !== undefined && known.state !== 'completed') return false;
    const [entry, second] = this.get(id);
    return entry?.state === 'completed' && second === undefined;
  }

  set(id: string, entries: Entries): void {
    this.#tasks().set(id, entries);
    this.#changed.add(id);
  }

  /** Every task. */
  all(): Iterable<Entries> {
    return this.#whole().values();
  }

  /** Entries of that state; {@link get} tells which of them are the only ones of their task. */
  *inState(state: 'ready' | 'claimed'): Generator<TaskEntry> {
    const entries = this.#changed.size === 0 ? this.#listed : [...this.#tasks().values()].flat();
    for (const entry of entries) if (entry.state === state) yield entry;
  }

  #tasks(): Map<string, Entries> {
    this.#byId ??= byId(this.#listed);
    return this.#byId;
  }

  #whole(): Map<string, Entries> {
    if (this.#unlisted === undefined) return this.#tasks();
    const all: Map<string, Entries> = byId(this.#unlisted.among(this.#listed));
    for (const id of this.#changed) all.set(id, this.#tasks().get(id) ?? NONE);
    this.#byId = all;
    this.#unlisted = undefined;
    return all;
  }
}

/** A branch, and the commit at which it was read. */
export type Tip = Pick<ProjectElsewhere, 'branch' | 'tip'>;

/** The tasks of projects that live on other branches. They are only looked up. */
export class TasksElsewhere {
  readonly #projects = new Map<string, Tip & { readonly tasks: ProjectTasks }>();

  constructor(elsewhere: QueueSnapshot['elsewhere']) {
    for (const [name, { branch, tip, project }] of elsewhere ?? []) {
      this.#projects.set(name, { branch, tip, tasks: new ProjectTasks(project) });
    }
  }

  get isEmpty(): boolean {
    return this.#projects.size === 0;
  }

  /** Undefined: the project is not known. */
  tasksOf(project: string): ProjectTasks | undefined {
    return this.#projects.get(project)?.tasks;
  }

  /** Each branch once, on which any of the tasks is complete. */
  tipsFor(keys: readonly TaskKey[]): readonly Tip[] {
    const tips = new Map<string, Tip>();
    for (const { project, id } of keys) {
      const there = this.#projects.get(project);
      if (there?.tasks.isCompleted(id) === true) tips.set(there.branch, { branch: there.branch, tip: there.tip });
    }
    return [...tips.values()];
  }
}

function byId(entries: Entries): Map<string, TaskEntry[]> {
  const tasks = new Map<string, TaskEntry[]>();
  for (const entry of entries) {
    const known = tasks.get(entry.key.id);
    if (known) known.push(entry);
    else tasks.set(entry.key.id, [entry]);
  }
  return tasks;
}
