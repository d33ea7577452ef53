import { computed, signal } from '@preact/signals';
import type { Board, BoardCounts, SeriesFigures } from '../../domain/dashboard/board.ts';
import { NO_SERIES } from '../../domain/dashboard/no-series.ts';
import { NO_COUNTS as NO_TASKS } from '../../domain/figures/queue-stats.ts';
import { taskName } from '../../domain/queue/task.ts';
import { type Filters, matchingTasks, NO_FILTERS } from './filters.ts';
import type { View } from './hash.ts';

const NO_COUNTS: BoardCounts = { ...NO_TASKS, percent: 0 };

const NOTHING: Board = {
  branch: '',
  remote: null,
  tip: '',
  time: '1970-01-01T00:00:00Z',
  window: { from: '1970-01-01T00:00:00Z', to: '1970-01-01T00:00:00Z' },
  knownFrom: null,
  stalledAfterMs: 0,
  paused: [],
  projects: [],
  all: NO_COUNTS,
  tasks: [],
  agents: [],
  events: [],
  series: { from: '1970-01-01T00:00:00Z', stepMs: 3_600_000, parts: 0, all: NO_SERIES, projects: {} },
};

/** The newest board that was read; before {@link isLoaded} an empty one. */
export const board = signal<Board>(NOTHING);
export const isLoaded = signal(false);

/** What is shown of it. These four are mirrored in the URL. */
export const view = signal<View>('board');
export const filters = signal<Filters>(NO_FILTERS);
/** `project/TASK-ID` of the task whose drawer is open. */
export const opened = signal<string | null>(null);
export const showsCancelled = signal(false);

/** ms since the epoch; a tick each 10 s. In a report it stays at the time when the queue was read. */
export const now = signal(Date.now());

/** The tasks that pass the filters, in the order of the board. */
export const shownTasks = computed(() => matchingTasks(board.value.tasks, filters.value));

const label = computed(() => filters.value.label);

/** The names of the tasks with the label that is filtered by, whatever else is; null: no label is. */
export const labelled = computed((): ReadonlySet<string> | null => {
  const wanted = label.value;
  if (wanted === null) return null;
  return new Set(matchingTasks(board.value.tasks, { ...NO_FILTERS, label: wanted }).map(taskName));
});

/** Every task by its name, `project/TASK-ID`. */
export const tasksByName = computed(() => new Map(board.value.tasks.map((task) => [taskName(task), task])));

/** The counts of the project that is filtered by, or of the whole queue. */
export const shownCounts = computed((): BoardCounts => {
  const { project } = filters.value;
  const { projects, all } = board.value;
  return project === null ? all : (projects.find((one) => one.project === project) ?? NO_COUNTS);
});

/** The figures over time of the project that is filtered by, or of the whole queue. */
export const shownSeries = computed((): SeriesFigures => {
  const { project } = filters.value;
  const { series } = board.value;
  return project === null ? series.all : (series.projects[project] ?? NO_SERIES);
});

/** Opens the drawer of a task, `project/TASK-ID`; null closes it. */
export function open(name: string | null): void {
  opened.value = name;
}

/** Changes some of the filters. */
export function setFilters(changes: Partial<Filters>): void {
  filters.value = { ...filters.value, ...changes };
}
