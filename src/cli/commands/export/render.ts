import type { ExportResult } from './result.ts';

/** The export itself, as it goes into a file. */
export function render({ presentation }: ExportResult): string {
  return presentation.text;
}
