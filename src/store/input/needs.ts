import { sortNeeds } from '../../domain/rules/needs.ts';

/** What a plan says in `needs`: rows that require tasks, and words that may be capabilities. */
export interface SortedNeeds {
  readonly gating: readonly unknown[];
  readonly words: readonly string[];
}

/** Sorts the rows of a list `needs`. Rows with fields require tasks, as everywhere. */
export function sortedNeeds(rows: readonly unknown[]): SortedNeeds {
  const gating: unknown[] = [];
  const words: string[] = [];
  for (const row of rows) {
    if (typeof row !== 'string') {
      gating.push(row);
      continue;
    }
    const sorted = sortNeeds([row], '', '');
    gating.push(...sorted.required);
    words.push(...sorted.words);
  }
  return { gating, words };
}
