import { quote } from '../base/names.ts';
import type { TaskEntry } from './snapshot.ts';
import { isCancelled } from './task.ts';

/** What a task with `hold_until` waits for: a share of a batch of its own project. */
export interface Hold {
  /** Whole, 1 to 100. */
  readonly percent: number;
  readonly batch: string;
}

/** The result of parsing `hold_until`. `problem` says in one line what is wrong with it. */
export type ParsedHold =
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'problem'; readonly problem: string };

/** How much of a batch is complete. */
export interface BatchProgress {
  readonly completed: number;
  readonly total: number;
}

/** Longest name of a batch (characters): it appears in lines of tables and commit messages. */
const LONGEST_NAME = 100;

/** Reads `80% of foundation` and `all of foundation`. Only whole percentages are valid. */
export function parseHold(text: string): ParsedHold {
  const match = /^(?:(\d{1,3})\s*%|(all))\s+of\s+(\S.*)$/i.exec(text.trim());
  const [, percent, all, batch = ''] = match ?? [];
  if (match === null) {
    return { kind: 'problem', problem: `${quote(text)} is not a condition: write it like "80% of foundation"` };
  }
  const problem = batchProblem(batch);
  if (problem !== undefined) return { kind: 'problem', problem };
  const share = all === undefined ? Number(percent) : 100;
  if (share < 1 || share > 100) return { kind: 'problem', problem: `${share}% is not a share: it must be 1% to 100%` };
  return { kind: 'hold', hold: { percent: share, batch } };
}

/** The condition as {@link parseHold} reads it. */
export function formatHold(hold: Hold): string {
  return `${hold.percent}% of ${hold.batch}`;
}

/** @returns what is wrong with the name of a batch, or undefined if it is valid. */
export function batchProblem(value: string): string | undefined {
  if (value.trim() === '') return 'the batch has no name';
  if (value.length > LONGEST_NAME) {
    return `the name of the batch is ${value.length} characters long, the limit is ${LONGEST_NAME}`;
  }
  const isOneLine = !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);
  return isOneLine ? undefined : `the name of the batch must be one line, not ${quote(value)}`;
}

/** How many of `total` tasks must be complete: 4 of 5 for 80%, rounded up so that it is never less than the share. */
export function neededFor(hold: Hold, total: number): number {
  return Math.ceil((hold.percent * total) / 100);
}

/**
 * Whether the condition is met. A batch without tasks meets no condition: its name is misspelt, or its tasks are not
 * added yet, and held tasks must not start because of that.
 */
export function isHoldMet(hold: Hold, progress: BatchProgress | undefined): boolean {
  return progress !== undefined && progress.total > 0 && progress.completed >= neededFor(hold, progress.total);
}

/**
 * Progress of every batch of one project. Each element is one task, with an entry for each folder it is in. A task in
 * two folders is a member, but not complete. A file that was not or cannot be read belongs to no batch, and neither
 * does a cancelled task: nobody is going to complete it.
 */
export function batchesOf(tasks: Iterable<readonly TaskEntry[]>): Map<string, BatchProgress> {
  const batches = new Map<string, BatchProgress>();
  for (const entries of tasks) {
    const [entry, second] = entries;
    if (entry?.reading.kind !== 'read') continue;
    const { batch } = entry.reading.task;
    if (batch === undefined || (entry.state === 'ready' && isCancelled(entry.reading.task))) continue;
    const { completed, total } = batches.get(batch) ?? { completed: 0, total: 0 };
    const isComplete = entry.state === 'completed' && second === undefined;
    batches.set(batch, { completed: completed + (isComplete ? 1 : 0), total: total + 1 });
  }
  return batches;
}

/**
 * Whether an open task is about a batch, so that all members of batches must be known: `where-held` if it waits for a
 * share of one, `where-named` also if it belongs to one.
 */
export function mentionsBatch(
  { state, reading }: Pick<TaskEntry, 'state' | 'reading'>,
  mention: 'where-held' | 'where-named',
): boolean {
  if (reading.kind !== 'read' || state === 'completed') return false;
  const { holdUntil, batch } = reading.task;
  return (holdUntil !== undefined && state === 'ready') || (mention === 'where-named' && batch !== undefined);
}
