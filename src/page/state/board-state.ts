import { computed, signal } from '@preact/signals';
import type { Board, BoardCounts, BoardTask, SeriesFigures } from '../../domain/dashboard/board.ts';
import { type Filters, matchingTasks, NO_FILTERS } from './filters.ts';
import type { View } from './hash.ts';

const NO_COUNTS: BoardCounts = {
  total: 0,
  completed: 0,
  ready: 0,
  waiting: 0,
  held: 0,
  asking: 0,
  blocked: 0,
  cancelled: 0,
  due: 0,
  inProgress: 0,
  review: 0,
  stalled: 0,
  unreadable: 0,
  conflicting: 0,
  percent: 0,
};

const NO_SERIES: SeriesFigures = {
  claims: [],
  completions: [],
  failures: [],
  stalls: [],
  conflictRate: [],
  latencyP50: [],
  latencyP95: [],
  workP50: [],
  leadP50: [],
  scope: [],
  done: [],
  totals: {
    claims: 0,
    completions: 0,
    failures: 0,
    stalls: 0,
    conflictRate: null,
    latencyP50: null,
    latencyP95: null,
    workP50: null,
    leadP50: null,
    tasksPerHour: null,
    leftMs: null,
  },
};

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

/** Every task by its name, `project/TASK-ID`. */
export const tasksByName = computed(() => new Map(board.value.tasks.map((task) => [nameOf(task), task])));

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

/** `project/TASK-ID` */
export function nameOf({ project, task }: Pick<BoardTask, 'project' | 'task'>): string {
  return `${project}/${task}`;
}

/** Opens the drawer of a task, `project/TASK-ID`; null closes it. */
export function open(name: string | null): void {
  opened.value = name;
}

/** Changes some of the filters. */
export function setFilters(changes: Partial<Filters>): void {
  filters.value = { ...filters.value, ...changes };
}
