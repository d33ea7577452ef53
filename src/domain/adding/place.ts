import type { Refusal } from '../base/failure.ts';
import type { AddIntent } from '../intents/intent.ts';
import type { FileWrite } from '../queue/edit.ts';
import {
  DEFAULT_LAYOUT,
  LAYOUT_NAMES,
  type LayoutName,
  type Location,
  locationOf,
  onlyProjectOf,
  ownFolders,
} from '../queue/layouts.ts';
import { newProjectProblem } from '../queue/new-project.ts';
import type { NewTask } from '../queue/new-task.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { at } from './messages.ts';

/** A new task, and the folders it belongs in. */
export interface PlacedTask {
  readonly task: NewTask;
  readonly location: Location;
}

export type Placing =
  | {
      readonly kind: 'placed';
      readonly tasks: readonly PlacedTask[];
      /** Files that give new projects their layout, if their tasks alone would not show it. */
      readonly files: readonly FileWrite[];
      readonly newProjects: readonly Location[];
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Decides which project, and so which folders, each task goes to. */
export function placeTasks(state: QueueState, intent: AddIntent): Placing {
  const locations = new Map<string, Location>();
  const newProjects: Location[] = [];
  const tasks: PlacedTask[] = [];
  for (const task of intent.tasks) {
    const project = task.project ?? intent.project ?? onlyProject(state);
    if (project === undefined) return { kind: 'refused', refusal: noProject(state, task) };
    let location = locations.get(project);
    if (location === undefined) {
      const known = state.project(project)?.locations ?? [];
      const chosen =
        known.length > 0
          ? knownLocation(state, project, known, intent.layout)
          : newLocation(state, project, newProjects, intent.layout);
      if (typeof chosen === 'string') {
        return { kind: 'refused', refusal: { code: 'usage', message: at(task.place, chosen) } };
      }
      if (known.length === 0) newProjects.push(chosen);
      location = chosen;
      locations.set(project, location);
    }
    tasks.push({ task, location });
  }
  return { kind: 'placed', tasks, files: newProjects.flatMap(keepFiles), newProjects };
}

function onlyProject(state: QueueState): string | undefined {
  const [only, second] = state.projectNames;
  return second === undefined ? only : undefined;
}

function noProject(state: QueueState, task: NewTask): Refusal {
  const names = [...state.projectNames].sort(compareNatural);
  const shown = names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
  const there =
    names.length === 0 ? 'this queue has no projects yet' : `this queue has ${names.length} projects: ${shown}`;
  return {
    code: 'usage',
    message: at(task.place, `the task names no project, and ${there}`),
    hint: 'name it with --project, or in the input',
  };
}

/** A project that has several layouts at once grows where most of its tasks are. */
function knownLocation(
  state: QueueState,
  project: string,
  known: readonly Location[],
  layout: LayoutName | undefined,
): Location | string {
  const counts = new Map<LayoutName, number>();
  for (const { location } of state.entriesOf(project)) {
    counts.set(location.layout, (counts.get(location.layout) ?? 0) + 1);
  }
  const wanted = layout === undefined ? known : known.filter((location) => location.layout === layout);
  const [best] = [...wanted].sort((a, b) => (counts.get(b.layout) ?? 0) - (counts.get(a.layout) ?? 0));
  if (best) return best;
  const layouts = known.map((location) => location.layout).join(' and ');
  return `project ${project} has the layout ${layouts}: --layout ${layout} is for new projects`;
}

function newLocation(
  state: QueueState,
  project: string,
  newProjects: readonly Location[],
  layout: LayoutName | undefined,
): Location | string {
  const others = [...state.projectNames, ...newProjects.map((location) => location.project)];
  const problem = newProjectProblem(project, others);
  if (problem !== undefined) return problem;
  const chosen = layout ?? usualLayout(state);
  if (!state.settings.layouts.includes(chosen)) {
    return `the settings of this queue allow the layouts ${state.settings.layouts.join(', ')}, not ${chosen}`;
  }
  const only = onlyProjectOf(chosen);
  if (only !== undefined && project !== only) {
    return `the layout ${chosen} has one project, named ${only}: ${project} needs another --layout`;
  }
  return locationOf(chosen, project);
}

/** The layout of most projects, so that a queue stays uniform. A layout with room for only one project comes last. */
function usualLayout(state: QueueState): LayoutName {
  const counts = new Map<LayoutName, number>();
  for (const name of state.projectNames) {
    for (const { layout } of state.project(name)?.locations ?? []) counts.set(layout, (counts.get(layout) ?? 0) + 1);
  }
  const [best] = LAYOUT_NAMES.filter((layout) => hasRoom(layout) && counts.has(layout)).sort(
    (a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0),
  );
  if (best !== undefined) return best;
  const { layouts } = state.settings;
  return layouts.includes(DEFAULT_LAYOUT) ? DEFAULT_LAYOUT : (layouts.find(hasRoom) ?? layouts[0] ?? DEFAULT_LAYOUT);
}

function hasRoom(layout: LayoutName): boolean {
  return onlyProjectOf(layout) === undefined;
}

/**
 * Layouts that share the folder of ready tasks differ only in the other folders of a project, and git keeps no empty
 * folders.
 */
function keepFiles(location: Location): FileWrite[] {
  const own = ownFolders(location);
  if (own.includes(location.folders.ready)) return [];
  return own.map((folder) => ({ path: `${folder}.gitkeep`, content: '' }));
}
