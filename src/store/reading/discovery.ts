import type { Finding } from '../../domain/base/finding.ts';
import type { Location } from '../../domain/queue/layouts.ts';
import type { CopiedTask, OtherBranch } from '../../domain/queue/snapshot.ts';
import { TASK_FILE_NAME, type TaskState } from '../../domain/queue/task.ts';
import type { FileTree } from '../../git/objects/file-tree.ts';
import type { TreeEntry } from '../../git/objects/tree.ts';

/** A task file as it was found, not read yet. */
export interface FoundTask {
  readonly id: string;
  readonly state: TaskState;
  readonly path: string;
  readonly blob: string;
  readonly mode: string;
  readonly location: Location;
}

/** What the queue consists of, by names and object ids alone. */
export interface Discovery {
  readonly locations: readonly Location[];
  /** In the order of the tree. */
  readonly tasks: readonly FoundTask[];
  /** In the order of the tree; see {@link NamesOnly}. */
  readonly unlisted: readonly UnlistedFolder[];
  /** Ledger files (`.agentq-stalls`) by project. */
  readonly ledgers: ReadonlyMap<string, readonly { readonly path: string; readonly blob: string }[]>;
  /** The settings file, if the tree has one. */
  readonly settings: string | undefined;
  /** The file with the pauses, if the tree has one. */
  readonly pauses: string | undefined;
  /** Without those of unlisted folders. */
  readonly findings: readonly Finding[];
}

/** A folder of completed tasks that is not listed. */
export interface UnlistedFolder {
  readonly location: Location;
  /** Ends with a slash. */
  readonly path: string;
  readonly tree: FileTree;
  /** How many of the listed tasks are before it in the order of the tree. */
  readonly tasksBefore: number;
}

/**
 * How folders of completed tasks are left unlisted, so that a task in them is found by name only. Folders with archives
 * are listed as always.
 */
export interface NamesOnly {
  /** @returns undefined for a tree that has to be listed */
  readonly readTree: (oid: string) => Promise<FileTree | undefined>;
  /** A folder with one of these tasks is listed, since their files are read. */
  readonly except: ReadonlySet<string>;
}

/** At the end of every name that {@link TASK_FILE_NAME} matches. */
const EXTENSION = '.toon';

/** The mode of a commit of another repository: not a file. */
export const SUBMODULE = '160000';

/** The id of a task file; undefined for a file of any other name. */
export function idIn(name: string): string | undefined {
  // Not `exec`, which makes an array for each of 10,000 names.
  return TASK_FILE_NAME.test(name) ? name.slice(0, -EXTENSION.length) : undefined;
}

/** The tasks of that id in an unlisted folder: at most one, unless the tree is not as git writes it. */
export function findUnlisted({ location, path, tree }: UnlistedFolder, id: string): FoundTask[] {
  return taskFiles(tree, id).map(({ name, mode, oid }) => {
    return { id, state: 'completed', path: `${path}${name}`, blob: oid, mode, location };
  });
}

/** Whether there is a file of that task. */
export function hasTask(tree: FileTree, id: string): boolean {
  return taskFiles(tree, id).length > 0;
}

function taskFiles(tree: FileTree, id: string): TreeEntry[] {
  const name = `${id}${EXTENSION}`;
  return idIn(name) === id ? tree.find(name).filter(({ mode }) => mode !== SUBMODULE) : [];
}

/** All tasks of an unlisted folder, in the order of the tree. */
export function listUnlisted({ location, path, tree }: UnlistedFolder): FoundTask[] {
  return tree.entries().flatMap(({ name, mode, oid }): FoundTask[] => {
    const id = mode === SUBMODULE ? undefined : idIn(name);
    return id === undefined ? [] : [{ id, state: 'completed', path: `${path}${name}`, blob: oid, mode, location }];
  });
}

/** The same with every task listed. */
export function withAllListed(discovery: Discovery): Discovery {
  const tasks: FoundTask[] = [];
  let from = 0;
  for (const folder of discovery.unlisted) {
    for (const task of discovery.tasks.slice(from, folder.tasksBefore)) tasks.push(task);
    for (const task of listUnlisted(folder)) tasks.push(task);
    from = folder.tasksBefore;
  }
  return { ...discovery, tasks: [...tasks, ...discovery.tasks.slice(from)], unlisted: [] };
}

/** The same without the projects that live on other branches, and the tasks in these copies. */
export function withoutCopies(
  discovery: Discovery,
  otherBranch: OtherBranch,
): { readonly discovery: Discovery; readonly copies: readonly CopiedTask[] } {
  const isHere = ({ location }: { readonly location: Location }): boolean =>
    otherBranch(location.project) === undefined;
  const folders = discovery.locations
    .filter((location) => !isHere({ location }))
    .flatMap((location) => Object.values(location.folders));
  const tasksBefore = (all: number): number => discovery.tasks.slice(0, all).filter(isHere).length;
  return {
    discovery: {
      ...discovery,
      locations: discovery.locations.filter((location) => isHere({ location })),
      tasks: discovery.tasks.filter(isHere),
      unlisted: discovery.unlisted
        .filter(isHere)
        .map((folder) => ({ ...folder, tasksBefore: tasksBefore(folder.tasksBefore) })),
      ledgers: new Map([...discovery.ledgers].filter(([project]) => otherBranch(project) === undefined)),
      findings: discovery.findings.filter(({ file }) => !folders.some((folder) => file.startsWith(folder))),
    },
    copies: discovery.tasks
      .filter((task) => !isHere(task))
      .map(({ id, location: { project }, path }) => ({ key: { project, id }, path })),
  };
}
