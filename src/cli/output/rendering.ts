import type { Style } from './style.ts';

/** How to render the answer for stdout. */
export interface Rendering {
  readonly answer: 'text' | 'json';
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly style: Style;
}
