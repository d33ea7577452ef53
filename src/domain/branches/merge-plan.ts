import { compareText } from '../queue/ordering.ts';
import type { Ownership } from './ownership.ts';

/** A file of a queue in the tree of a branch: a task, a ledger, or what keeps an empty folder. */
export interface QueueFile {
  readonly path: string;
  readonly project: string;
  /** undefined: it is not a task. */
  readonly id: string | undefined;
  readonly mode: string;
  readonly blob: string;
}

/** A common ancestor of the two branches. */
export interface MergeBase {
  readonly files: readonly QueueFile[];
  /** Where projects lived then, as far as its settings tell. */
  readonly ownership: Ownership;
}

/** What two branches are to have of the queue, and what that means for its tasks. All tasks as `project/TASK-ID`. */
export interface MergePlan {
  /** Files of the queue on the main branch after the merge, in the order of their paths. */
  readonly files: readonly QueueFile[];
  /** Tasks that were only on a branch where their project does not live: they move to where it lives. */
  readonly moved: readonly string[];
  /** Tasks that the right branch has removed since: what is left of them in the copy goes, too. */
  readonly removed: readonly string[];
  /** Tasks whose copy somebody has changed: the right branch is right, and the change is not taken over. */
  readonly overruled: readonly string[];
  /** Different tasks with one id, added on both branches: nothing can be merged before a person has decided. */
  readonly clashes: readonly string[];
}

/**
 * What becomes of the queue when a project's branch and the main branch are merged. The branch that a project
 * lives on is right about it. No task is lost: one that only the other branch has comes along, unless the right branch
 * had it, was right about it then, and has removed it since. None is doubled: an id that both branches have is one
 * task, with the state that the right branch knows. Only if both have added it since they last met, with different
 * content, nobody can tell, and it is a clash.
 *
 * @param main what the main branch has
 * @param branch what the other one, `name`, has
 * @param bases all best common ancestors of the two, for a project: see {@link lacksBase}
 */
export function planMerge(
  ownership: Ownership,
  name: string,
  main: readonly QueueFile[],
  branch: readonly QueueFile[],
  bases: (project: string) => readonly MergeBase[],
): MergePlan {
  const [mains, branches] = [byProject(main), byProject(branch)];
  const parts = [...new Set([...mains.keys(), ...branches.keys()])].map((project) => {
    const [here = [], there = []] = [mains.get(project), branches.get(project)];
    const home = ownership.branchOf(project);
    // What lives on a third branch is a copy on both. The main branch is where its own branch will find it.
    const [right, other] = home === name ? [there, here] : [here, there];
    const old = bases(project).map((base) => ({
      files: base.files.filter((file) => file.project === project),
      wasRight: base.ownership.branchOf(project) === home,
    }));
    return planProject(project, right, other, old);
  });
  const all = (what: 'moved' | 'removed' | 'overruled' | 'clashes'): string[] => parts.flatMap((part) => part[what]);
  return {
    files: parts.flatMap(({ files }) => files).sort((a, b) => compareText(a.path, b.path)),
    moved: all('moved'),
    removed: all('removed'),
    overruled: all('overruled'),
    clashes: all('clashes'),
  };
}

interface OldProject {
  readonly files: readonly QueueFile[];
  /** Whether the branch that is right now was right then. */
  readonly wasRight: boolean;
}

function planProject(
  project: string,
  right: readonly QueueFile[],
  other: readonly QueueFile[],
  bases: readonly OldProject[],
): MergePlan {
  const [rightTasks, otherTasks] = [byTask(right), byTask(other)];
  const old = bases.map(({ files }) => byTask(files));
  const wasRight = bases.length > 0 && bases.every((base) => base.wasRight);
  const isNew = right.length === 0;
  const plan = { moved: [] as string[], removed: [] as string[], overruled: [] as string[], clashes: [] as string[] };
  const files = isNew ? other.filter(({ id }) => id === undefined) : [...right];
  for (const [id, copy] of otherTasks) {
    const name = `${project}/${id}`;
    const own = rightTasks.get(id);
    const before = old.flatMap((tasks) => tasks.get(id) ?? []);
    if (own === undefined) {
      const isRemoved = !isNew && wasRight && before.length > 0;
      if (!isRemoved) files.push(...copy);
      (isRemoved ? plan.removed : plan.moved).push(name);
    } else if (!isSame(own, copy)) {
      if (before.length === 0 && !haveOneContent(own, copy)) plan.clashes.push(name);
      else if (!copy.every((file) => before.some((one) => isSame([one], [file])))) plan.overruled.push(name);
    }
  }
  return { files, ...plan };
}

/**
 * Projects about which the plan may be wrong, since a common ancestor says nothing about them: it is a commit of a
 * branch on which other projects live. An older one must be asked.
 */
export function lacksBase({ moved, clashes }: MergePlan, bases: readonly MergeBase[]): readonly string[] {
  const projects = new Set([...moved, ...clashes].map((task) => task.split('/')[0] ?? ''));
  const isIn = (project: string) => (base: MergeBase) => base.files.some((file) => file.project === project);
  return [...projects].filter((project) => !bases.every(isIn(project)));
}

/** The files that a branch has of the queue: those of the projects that live on it, and no copies. */
export function filesOf(ownership: Ownership, branch: string, files: readonly QueueFile[]): readonly QueueFile[] {
  return files.filter(({ project }) => ownership.owns(branch, project));
}

function byProject(files: readonly QueueFile[]): Map<string, QueueFile[]> {
  return groupBy(files, ({ project }) => project);
}

function byTask(files: readonly QueueFile[]): Map<string, QueueFile[]> {
  const tasks = files.filter(({ id }) => id !== undefined);
  return groupBy(tasks, ({ id = '' }) => id);
}

function groupBy(files: readonly QueueFile[], keyOf: (file: QueueFile) => string): Map<string, QueueFile[]> {
  const groups = new Map<string, QueueFile[]>();
  for (const file of files) {
    const key = keyOf(file);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return groups;
}

function isSame(some: readonly QueueFile[], others: readonly QueueFile[]): boolean {
  const key = ({ path, blob, mode }: QueueFile): string => `${path} ${blob} ${mode}`;
  const keys = new Set(others.map(key));
  return some.length === others.length && some.every((file) => keys.has(key(file)));
}

/** Whether all of these have the same bytes: then it is one task that both branches got, from one plan for example. */
function haveOneContent(some: readonly QueueFile[], others: readonly QueueFile[]): boolean {
  return new Set([...some, ...others].map(({ blob }) => blob)).size === 1;
}
