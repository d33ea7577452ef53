import type { TaskEntry } from './snapshot.ts';

/**
 * Natural order: runs of digits compare as numbers (`TASK-2` before `TASK-10`), everything else by code unit.
 * A total order: names that differ only in leading zeros fall back to comparing their text.
 */
export function compareNatural(a: string, b: string): number {
  return compareChunks(chunksOf(a), chunksOf(b)) || compareText(a, b);
}

/** The order in which tasks are claimed: priority, highest first; then id in natural order; then project (CONTRACT 2). */
export function compareForClaiming(a: TaskEntry, b: TaskEntry): number {
  return (
    priorityOf(b) - priorityOf(a) || compareNatural(a.key.id, b.key.id) || compareText(a.key.project, b.key.project)
  );
}

/** Sorts as {@link compareForClaiming} orders, but splits each id only once: that is most of the cost of comparing. */
export function sortForClaiming(entries: readonly TaskEntry[]): TaskEntry[] {
  return entries
    .map((entry) => ({ entry, priority: priorityOf(entry), chunks: chunksOf(entry.key.id) }))
    .sort(
      (a, b) =>
        b.priority - a.priority ||
        compareChunks(a.chunks, b.chunks) ||
        compareText(a.entry.key.id, b.entry.key.id) ||
        compareText(a.entry.key.project, b.entry.key.project),
    )
    .map(({ entry }) => entry);
}

/** The order of lists: project, then id in natural order. */
export function compareForListing(a: TaskEntry, b: TaskEntry): number {
  return compareText(a.key.project, b.key.project) || compareNatural(a.key.id, b.key.id);
}

/** By code unit, so that the order is the same under every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const CHUNKS = /\d+|\D+/g;

function chunksOf(text: string): readonly string[] {
  return text.match(CHUNKS) ?? [];
}

function compareChunks(left: readonly string[], right: readonly string[]): number {
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareChunk(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareChunk(a: string, b: string): number {
  // Mostly the letters before the number.
  if (a === b) return 0;
  if (!isDigits(a) || !isDigits(b)) return compareText(a, b);
  // As text, so that ids with more digits than a double holds still compare correctly.
  const left = a.replace(/^0+(?=\d)/, '');
  const right = b.replace(/^0+(?=\d)/, '');
  return left.length - right.length || compareText(left, right);
}

function isDigits(chunk: string): boolean {
  const unit = chunk.charCodeAt(0);
  return unit >= 48 && unit <= 57;
}

/** The priority in the task's file; 0 if it gives none or cannot be read. */
export function priorityOf(entry: TaskEntry): number {
  return entry.reading.kind === 'read' ? entry.reading.task.priority : 0;
}
