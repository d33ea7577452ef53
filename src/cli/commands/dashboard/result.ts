import type { Board } from '../../../domain/dashboard/board.ts';

/** The document: what the page shows. */
export type DashboardResult = Board;

/** The page was served, or written into a file: everything was printed as it happened. */
export interface Shown {
  readonly presentation: 'shown';
}
