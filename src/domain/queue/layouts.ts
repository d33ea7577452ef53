import { TASK_STATES, type TaskState } from './task.ts';

/** Stands for the name of a project in the folders of a layout. */
export const PROJECT_PART = '<project>';

interface Layout {
  readonly name: string;
  /** The folder of each state. */
  readonly folders: Readonly<Record<TaskState, string>>;
  /** The name of its one project, if no folder names one. */
  readonly onlyProject?: string;
}

/**
 * The layouts that exist in the field (CONTRACT 1). Everything that knows a folder of tasks walks this table: a new
 * layout is a new row. If two layouts share a folder, a project that could have either has the first one.
 */
const LAYOUTS = [
  { name: 'core', folders: inside('.agents-core/state/<project>') },
  { name: 'agents', folders: inside('.agents/<project>') },
  { name: 'projects', folders: inside('.agents/projects/<project>') },
  {
    name: 'split',
    folders: {
      ready: '.agents/projects/<project>/tasks',
      claimed: '.agents/claimed/<project>',
      completed: '.agents/completed/<project>',
    },
  },
  { name: 'bare', folders: inside('state/<project>') },
  { name: 'flat', folders: inside('.agents'), onlyProject: 'default' },
] as const satisfies readonly Layout[];

export type LayoutName = (typeof LAYOUTS)[number]['name'];

export const LAYOUT_NAMES: readonly LayoutName[] = LAYOUTS.map(({ name }) => name);

/** The layout of a new queue, unless the user asks for another. */
export const DEFAULT_LAYOUT: LayoutName = 'agents';

/** The three folders of a project in one layout; each ends with a slash. A project may have several locations. */
export interface Location {
  readonly project: string;
  readonly layout: LayoutName;
  readonly folders: Readonly<Record<TaskState, string>>;
}

/** A folder of a layout, split into parts; {@link PROJECT_PART} is any name. */
export interface LayoutFolder {
  readonly layout: LayoutName;
  readonly state: TaskState;
  readonly parts: readonly string[];
}

/** Every folder of every layout, in the order of the table. */
export const LAYOUT_FOLDERS: readonly LayoutFolder[] = LAYOUTS.flatMap(({ name, folders }) =>
  TASK_STATES.map((state): LayoutFolder => ({ layout: name, state, parts: folders[state].split('/') })),
);

const BY_NAME: ReadonlyMap<LayoutName, Layout> = new Map(LAYOUTS.map((layout) => [layout.name, layout]));

/** The location of a project in the layout, even if none of its folders exists yet. */
export function locationOf(layout: LayoutName, project: string): Location {
  const { folders, onlyProject: name = project } = rowOf(layout);
  const folder = (state: TaskState): string => `${folders[state].replace(PROJECT_PART, () => name)}/`;
  return {
    project: name,
    layout,
    folders: { ready: folder('ready'), claimed: folder('claimed'), completed: folder('completed') },
  };
}

/** The name of the layout's one project; undefined if the layout has room for many. */
export function onlyProjectOf(layout: LayoutName): string | undefined {
  return rowOf(layout).onlyProject;
}

/**
 * Whether a project of this name may be one that no folder names: then another name in its tasks is not a
 * contradiction.
 */
export function isUnnamed(project: string): boolean {
  return LAYOUTS.some((layout: Layout) => layout.onlyProject === project);
}

/** The folders of a location that no other layout has: if one exists, the project has this layout. */
export function ownFolders({ layout, folders }: Location): string[] {
  const own = rowOf(layout).folders;
  const isShared = (state: TaskState): boolean =>
    LAYOUTS.some((other: Layout) => other.name !== layout && other.folders[state] === own[state]);
  return TASK_STATES.filter((state) => !isShared(state)).map((state) => folders[state]);
}

/** Names of folders that layouts have next to or below projects. */
export function folderNames(): ReadonlySet<string> {
  return new Set(LAYOUT_FOLDERS.flatMap(({ parts }) => parts).filter((part) => part !== PROJECT_PART));
}

function inside(home: string): Readonly<Record<TaskState, string>> {
  return { ready: `${home}/tasks`, claimed: `${home}/claimed`, completed: `${home}/completed` };
}

function rowOf(name: LayoutName): Layout {
  const layout = BY_NAME.get(name);
  if (layout === undefined) throw new Error(`no layout ${name}`);
  return layout;
}
