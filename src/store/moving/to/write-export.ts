import type { ExportedTask } from '../../../domain/moving/exported-task.ts';

/** The formats of an export. */
export const EXPORT_FORMATS = ['json', 'jsonl', 'csv', 'markdown', 'beads'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * The tasks in a format that other tools read. `json` and `jsonl` have everything.
 * @param now milliseconds since the epoch
 */
export async function writeExport(format: ExportFormat, tasks: readonly ExportedTask[], now: number): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ tasks }, undefined, 1)}\n`;
    case 'jsonl':
      return tasks.map((task) => `${JSON.stringify(task)}\n`).join('');
    case 'csv':
      return (await import('./csv.ts')).toCsv(tasks);
    case 'markdown':
      return (await import('./markdown.ts')).toMarkdown(tasks);
    case 'beads':
      return (await import('./beads.ts')).toBeads(tasks, now);
  }
}
