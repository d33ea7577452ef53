import type { Finding } from '../../domain/base/finding.ts';
import { projectProblem, quote } from '../../domain/base/names.ts';
import type { LayoutName, Location } from '../../domain/queue/layouts.ts';
import { locationOf } from '../../domain/queue/layouts.ts';
import { TASK_FILE_NAME, TASK_STATES, type TaskState } from '../../domain/queue/task.ts';
import { LEDGER_FILE } from '../../domain/rules/ledger.ts';
import type { TreeEntry } from '../../git/objects/tree.ts';

/** A task file where it was found, unread. */
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
  readonly tasks: readonly FoundTask[];
  /** Ledger files (`.agentq-stalls`) by project. */
  readonly ledgers: ReadonlyMap<string, readonly { readonly path: string; readonly blob: string }[]>;
  /** The settings file, where the tree has one. */
  readonly settings: string | undefined;
  readonly findings: readonly Finding[];
}

/** Reads the entries of one tree object. Calls overlap: the reader pipelines them through one process. */
export type ReadTree = (oid: string) => Promise<readonly TreeEntry[]>;

/** Folders of `.agents/` that are states or the parent of projects, and so no projects themselves. */
const RESERVED = new Set(['projects', 'tasks', 'claimed', 'completed']);

const FOLDER_OF: Readonly<Record<TaskState, string>> = {
  ready: 'tasks',
  claimed: 'claimed',
  completed: 'completed',
};

/**
 * Finds every project of every layout in a tree (CONTRACT 1), by reading tree objects only: one round of reads a level,
 * nothing outside the queue's own folders.
 */
export async function discover(
  rootTree: string,
  readTree: ReadTree,
  layouts: readonly LayoutName[],
): Promise<Discovery> {
  const walk = new Walk(readTree);
  const root = await walk.open(rootTree);
  const [core, agents, state] = await Promise.all([
    walk.into(root, '.agents-core'),
    walk.into(root, '.agents'),
    walk.into(root, 'state'),
  ]);
  const [coreState, config, projects, claimed, completed] = await Promise.all([
    walk.into(core, 'state'),
    walk.into(core, 'config'),
    walk.into(agents, 'projects'),
    walk.into(agents, 'claimed'),
    walk.into(agents, 'completed'),
  ]);
  const wants = (layout: LayoutName): boolean => layouts.includes(layout);
  await Promise.all([
    wants('core') ? walk.projectsBelow('core', '.agents-core/state', coreState) : undefined,
    wants('bare') ? walk.projectsBelow('bare', 'state', state) : undefined,
    wants('agents') ? walk.projectsBelow('agents', '.agents', agents, RESERVED) : undefined,
    wants('projects') || wants('split') ? walk.projectsAndSplit(projects, claimed, completed, wants) : undefined,
    wants('flat') ? walk.flat(agents) : undefined,
  ]);
  return walk.result(config?.find((entry) => entry.name === 'agentq.toon' && entry.mode !== '40000')?.oid);
}

type Folder = readonly TreeEntry[];

class Walk {
  readonly #readTree: ReadTree;
  readonly #locations: Location[] = [];
  readonly #tasks: FoundTask[] = [];
  readonly #findings: Finding[] = [];
  readonly #ledgers = new Map<string, { path: string; blob: string }[]>();

  constructor(readTree: ReadTree) {
    this.#readTree = readTree;
  }

  open(oid: string): Promise<Folder> {
    return this.#readTree(oid);
  }

  async into(folder: Folder | undefined, name: string): Promise<Folder | undefined> {
    const entry = folder?.find((candidate) => candidate.name === name && candidate.mode === '40000');
    return entry && this.#readTree(entry.oid);
  }

  /** Layouts in which a project's folder has its three states inside. */
  async projectsBelow(
    layout: LayoutName,
    base: string,
    folder: Folder | undefined,
    except = new Set<string>(),
  ): Promise<void> {
    await Promise.all(
      this.#projectFolders(base, folder)
        .filter((entry) => !except.has(entry.name))
        .map(async (entry) => {
          const inside = await this.#readTree(entry.oid);
          if (hasState(inside)) await this.#project(locationOf(layout, entry.name), inside);
        }),
    );
  }

  /** `.agents/projects/<p>/` with its own `claimed/` and `completed/`, or with those below `.agents/` by project. */
  async projectsAndSplit(
    projects: Folder | undefined,
    claimed: Folder | undefined,
    completed: Folder | undefined,
    wants: (layout: LayoutName) => boolean,
  ): Promise<void> {
    const base = '.agents/projects';
    const apart = new Map<string, { claimed?: string; completed?: string }>();
    for (const [state, folder] of [
      ['claimed', claimed],
      ['completed', completed],
    ] as const) {
      for (const entry of this.#projectFolders(`.agents/${state}`, folder)) {
        apart.set(entry.name, { ...apart.get(entry.name), [state]: entry.oid });
      }
    }
    const isSplitTree = claimed !== undefined || completed !== undefined;
    const listed = this.#projectFolders(base, projects);
    await Promise.all(
      listed.map(async (entry) => {
        const inside = await this.#readTree(entry.oid);
        const ownStates = isFolder(inside, 'claimed') || isFolder(inside, 'completed');
        const location =
          isSplitTree && !ownStates ? locationOf('split', entry.name) : locationOf('projects', entry.name);
        const known = apart.has(entry.name);
        if (!wants(location.layout) || (!hasState(inside) && !known)) return;
        await this.#project(location, inside);
      }),
    );
    if (!wants('split')) return;
    // Also projects whose last ready task is gone, and with it, in git, their folder below `.agents/projects/`.
    await Promise.all(
      [...apart].map(async ([project, folders]) => {
        const location = locationOf('split', project);
        this.#addLocation(location);
        await this.#stateFolder(location, 'claimed', folders.claimed);
        await this.#stateFolder(location, 'completed', folders.completed);
      }),
    );
  }

  async flat(agents: Folder | undefined): Promise<void> {
    if (!agents) return;
    const location = locationOf('flat', 'default');
    const before = this.#tasks.length;
    await Promise.all(
      TASK_STATES.map(async (state) => {
        const inside = await this.into(agents, FOLDER_OF[state]);
        if (!inside) return;
        // Folders below are another project's (split) or nobody's: only files count here.
        this.#files(location, state, inside);
        if (state === 'ready') this.#addLocation(location);
      }),
    );
    if (this.#tasks.slice(before).some((task) => task.location === location)) this.#addLocation(location);
  }

  result(settings: string | undefined): Discovery {
    return {
      locations: this.#locations,
      tasks: this.#tasks,
      ledgers: this.#ledgers,
      settings,
      findings: this.#findings,
    };
  }

  async #project(location: Location, inside: Folder): Promise<void> {
    this.#addLocation(location);
    const states: readonly TaskState[] = location.layout === 'split' ? ['ready'] : TASK_STATES;
    await Promise.all(
      states.map((state) => {
        const entry = inside.find(({ name, mode }) => name === FOLDER_OF[state] && mode === '40000');
        return this.#stateFolder(location, state, entry?.oid);
      }),
    );
  }

  async #stateFolder(location: Location, state: TaskState, oid: string | undefined): Promise<void> {
    if (oid === undefined) return;
    const entries = await this.#readTree(oid);
    this.#files(location, state, entries);
    if (state !== 'completed') return;
    // Completed tasks may have been archived in sub-folders (by month, say): they are complete all the same.
    await Promise.all(
      entries
        .filter((entry) => entry.mode === '40000')
        .map(async (entry) => this.#files(location, state, await this.#readTree(entry.oid), `${entry.name}/`)),
    );
  }

  #files(location: Location, state: TaskState, entries: Folder, below = ''): void {
    const folder = `${location.folders[state]}${below}`;
    for (const { name, mode, oid } of entries) {
      if (mode === '40000' || mode === '160000') continue;
      const path = folder + name;
      const id = TASK_FILE_NAME.exec(name)?.[1];
      if (id !== undefined) this.#tasks.push({ id, state, path, blob: oid, mode, location });
      else if (name === LEDGER_FILE && state === 'ready') {
        const ledgers = this.#ledgers.get(location.project) ?? [];
        ledgers.push({ path, blob: oid });
        this.#ledgers.set(location.project, ledgers);
      } else if (name.endsWith('.toon')) {
        this.#findings.push({
          code: 'foreign-file',
          severity: 'warning',
          message: `the name ${quote(name)} is no task id, so this file is left alone`,
          hint: 'task files are named <TASK-ID>.toon: letters, digits and . _ -, starting with a letter or digit',
          file: path,
        });
      }
    }
  }

  #projectFolders(base: string, folder: Folder | undefined): TreeEntry[] {
    return (folder ?? []).filter((entry) => {
      if (entry.mode !== '40000') return false;
      const problem = projectProblem(entry.name);
      if (problem !== undefined) {
        this.#findings.push({
          code: 'unusable-name',
          severity: 'warning',
          message: `this folder is no project: ${problem}`,
          file: `${base}/${entry.name}`,
        });
      }
      return problem === undefined;
    });
  }

  #addLocation(location: Location): void {
    const same = (other: Location): boolean => other.project === location.project && other.layout === location.layout;
    if (!this.#locations.some(same)) this.#locations.push(location);
  }
}

function isFolder(folder: Folder, name: string): boolean {
  return folder.some((entry) => entry.name === name && entry.mode === '40000');
}

function hasState(folder: Folder): boolean {
  return TASK_STATES.some((state) => isFolder(folder, FOLDER_OF[state]));
}
