import { posix } from 'node:path';
import type { Finding } from '../../domain/base/finding.ts';
import { given } from '../../domain/base/given.ts';
import { projectProblem, quote } from '../../domain/base/names.ts';
import { SETTINGS_FILE } from '../../domain/base/settings-file.ts';
import { PAUSES_FILE } from '../../domain/pausing/pauses.ts';
import {
  childOf,
  type HeldTasks,
  hasArchives,
  isParent,
  LAYOUT_TREE,
  type LayoutNode,
} from '../../domain/queue/layout-tree.ts';
import { LAYOUT_NAMES, type LayoutName, type Location, locationOf, ownFolders } from '../../domain/queue/layouts.ts';
import type { TaskState } from '../../domain/queue/task.ts';
import { LEDGER_FILE } from '../../domain/rules/ledger.ts';
import type { FileTree } from '../../git/objects/file-tree.ts';
import type { TreeEntry } from '../../git/objects/tree.ts';
import {
  type Discovery,
  type FoundTask,
  hasTask,
  idIn,
  type NamesOnly,
  SUBMODULE,
  type UnlistedFolder,
} from './discovery.ts';

/** Reads the entries of one tree object. Calls overlap: the reader pipelines them through one process. */
export type ReadTree = (oid: string) => Promise<readonly TreeEntry[]>;

/**
 * Finds every project of every layout in a tree (CONTRACT 1). It reads only tree objects, in one round of reads per
 * level, and nothing outside the queue's own folders.
 */
export async function discover(
  rootTree: string,
  readTree: ReadTree,
  layouts: readonly LayoutName[],
  namesOnly?: NamesOnly,
): Promise<Discovery> {
  const walk = new Walk(readTree, layouts, namesOnly);
  const [folders, settings, pauses] = await Promise.all([
    walk.below(LAYOUT_TREE, { path: '', project: undefined, oid: rootTree }),
    walk.file(rootTree, SETTINGS_FILE.split('/')),
    walk.file(rootTree, PAUSES_FILE.split('/')),
  ]);
  const found = new Found(layouts, walk.folders);
  for (const folder of folders) found.add(folder);
  return {
    locations: found.locations(),
    tasks: found.tasks,
    unlisted: found.unlisted,
    ledgers: found.ledgers,
    settings,
    pauses,
    findings: [...walk.findings, ...found.findings],
  };
}

/** The object ids of files in the tree; undefined for one that it lacks. */
export function findFiles(
  rootTree: string,
  readTree: ReadTree,
  paths: readonly string[],
): Promise<(string | undefined)[]> {
  const walk = new Walk(readTree, [], undefined);
  return Promise.all(paths.map((path) => walk.file(rootTree, path.split('/'))));
}

type Folder = readonly TreeEntry[];

const FOLDER = '40000';

interface Place {
  readonly path: string;
  /** The project that the folder belongs to; undefined if no folder on the way names one. */
  readonly project: string | undefined;
  readonly oid: string;
}

/** A folder that holds tasks of one state. */
interface StateFolder {
  readonly path: string;
  readonly project: string;
  readonly node: LayoutNode;
  readonly holds: HeldTasks;
  readonly entries: Folder;
  readonly archives: readonly { readonly path: string; readonly entries: Folder }[];
  /** Instead of entries. */
  readonly unlisted?: FileTree;
}

/** Reads the folders of a queue. */
class Walk {
  /** Every existing folder of a queue, of any layout. */
  readonly folders = new Set<string>();
  readonly findings: Finding[] = [];
  readonly #readTree: ReadTree;
  readonly #layouts: readonly LayoutName[];
  readonly #namesOnly: NamesOnly | undefined;
  readonly #trees = new Map<string, Promise<Folder>>();
  readonly #unlisted = new Map<string, Promise<FileTree | undefined>>();

  constructor(readTree: ReadTree, layouts: readonly LayoutName[], namesOnly: NamesOnly | undefined) {
    this.#readTree = readTree;
    this.#layouts = layouts;
    this.#namesOnly = namesOnly;
  }

  /** The folders with tasks: this one and those below it. */
  async below(node: LayoutNode, place: Place): Promise<readonly StateFolder[]> {
    const unlisted = hasArchives(node) ? await this.#readUnlisted(place.oid) : undefined;
    if (unlisted !== undefined) return this.#stateFolder(node, place, [], unlisted);
    const entries = await this.#read(place.oid);
    const children = isParent(node) ? entries.filter(isFolder) : [];
    const found = await Promise.all([
      this.#stateFolder(node, place, entries),
      ...children.map((entry) => this.#child(node, place, entry)),
    ]);
    return found.flat();
  }

  /** The object id of a file; undefined if there is none. */
  async file(tree: string, [name, ...below]: readonly string[]): Promise<string | undefined> {
    const entry = (await this.#read(tree)).find((candidate) => candidate.name === name);
    if (entry === undefined || isFolder(entry) !== below.length > 0) return undefined;
    return below.length > 0 ? this.file(entry.oid, below) : entry.oid;
  }

  async #child(node: LayoutNode, above: Place, { name, oid }: TreeEntry): Promise<readonly StateFolder[]> {
    const child = childOf(node, name);
    if (child === undefined) return [];
    const path = above.path === '' ? name : `${above.path}/${name}`;
    this.folders.add(path);
    if (!this.#layouts.some((layout) => child.layouts.has(layout))) return [];
    if (child !== node.project) return this.below(child, { ...above, path, oid });
    const problem = projectProblem(name);
    if (problem === undefined) return this.below(child, { path, project: name, oid });
    this.findings.push({
      code: 'unusable-name',
      severity: 'warning',
      message: `this folder is not a project: ${problem}`,
      file: path,
    });
    return [];
  }

  async #stateFolder(
    node: LayoutNode,
    { path, project }: Place,
    entries: Folder,
    unlisted?: FileTree,
  ): Promise<readonly StateFolder[]> {
    const { holds } = node;
    const owner = project ?? holds?.onlyProject;
    if (holds === undefined || owner === undefined) return [];
    const archives = hasArchives(node) ? entries.filter(isFolder) : [];
    const read = archives.map(async ({ name, oid }) => ({ path: `${path}/${name}`, entries: await this.#read(oid) }));
    return [{ path, project: owner, node, holds, entries, archives: await Promise.all(read), ...given({ unlisted }) }];
  }

  /** @returns undefined for a folder that has to be listed */
  async #readUnlisted(oid: string): Promise<FileTree | undefined> {
    if (this.#namesOnly === undefined) return undefined;
    const { readTree, except } = this.#namesOnly;
    const read = this.#unlisted.get(oid) ?? readTree(oid);
    this.#unlisted.set(oid, read);
    const tree = await read;
    return [...except].some((id) => tree !== undefined && hasTask(tree, id)) ? undefined : tree;
  }

  /** Folders with the same content are one object, and projects have such folders: those with only a placeholder. */
  #read(oid: string): Promise<Folder> {
    const tree = this.#trees.get(oid) ?? this.#readTree(oid);
    this.#trees.set(oid, tree);
    return tree;
  }
}

/** What the folders contain. */
class Found {
  readonly tasks: FoundTask[] = [];
  readonly unlisted: UnlistedFolder[] = [];
  readonly findings: Finding[] = [];
  readonly ledgers = new Map<string, { path: string; blob: string }[]>();
  readonly #layouts: readonly LayoutName[];
  readonly #folders: ReadonlySet<string>;
  /** By layout and project. */
  readonly #locations = new Map<string, Location>();

  constructor(layouts: readonly LayoutName[], folders: ReadonlySet<string>) {
    this.#layouts = layouts;
    this.#folders = folders;
  }

  /** In the order of the layouts. */
  locations(): Location[] {
    const all = [...this.#locations.values()];
    return LAYOUT_NAMES.flatMap((layout) => all.filter((location) => location.layout === layout));
  }

  add(folder: StateFolder): void {
    const { path, holds, node, entries, archives, unlisted } = folder;
    const location = this.#locationOf(folder);
    if (!this.#layouts.includes(location.layout)) return;
    const before = this.tasks.length;
    this.#files(location, holds.state, path, entries);
    if (unlisted) this.unlisted.push({ location, path: `${path}/`, tree: unlisted, tasksBefore: before });
    for (const archive of archives) this.#files(location, holds.state, archive.path, archive.entries);
    // A folder in which other layouts have folders may exist only for those.
    if (isParent(node) && this.tasks.length === before) return;
    this.#locations.set(`${location.layout}/${location.project}`, location);
  }

  /**
   * Which of the layouts with this very folder the project has: the first one of which another folder exists for the
   * project, else the first one that keeps its other folders elsewhere, in a folder that exists.
   */
  #locationOf({ path, project, holds }: StateFolder): Location {
    const [first, ...others] = holds.layouts.map((layout) => locationOf(layout, project));
    if (first === undefined) throw new Error(`no layout has ${path}`);
    if (others.length === 0) return first;
    const all = [first, ...others];
    const elsewhere = (folder: string): boolean => !path.startsWith(`${folder}/`) && this.#folders.has(folder);
    return (
      all.find((location) => ownFolders(location).some((folder) => this.#folders.has(folder.slice(0, -1)))) ??
      all.find((location) => ownFolders(location).some((folder) => elsewhere(posix.dirname(folder)))) ??
      first
    );
  }

  #files(location: Location, state: TaskState, folder: string, entries: Folder): void {
    for (const { name, mode, oid } of entries) {
      if (mode === FOLDER || mode === SUBMODULE) continue;
      const path = `${folder}/${name}`;
      const id = idIn(name);
      if (id !== undefined) this.tasks.push({ id, state, path, blob: oid, mode, location });
      else if (name === LEDGER_FILE && state === 'ready') {
        const ledgers = this.ledgers.get(location.project) ?? [];
        ledgers.push({ path, blob: oid });
        this.ledgers.set(location.project, ledgers);
      } else if (name.endsWith('.toon')) {
        this.findings.push({
          code: 'foreign-file',
          severity: 'warning',
          message: `the name ${quote(name)} is not a task id, so this file is left alone`,
          hint: 'task files are named <TASK-ID>.toon: letters, digits and . _ -, starting with a letter or digit',
          file: path,
        });
      }
    }
  }
}

function isFolder({ mode }: TreeEntry): boolean {
  return mode === FOLDER;
}
