import type { Style } from './style.ts';

/** How stdout wants its answer. */
export interface Rendering {
  readonly answer: 'text' | 'json';
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly style: Style;
}
