import { sanitizeLine } from '../../output/sanitize.ts';
import { taskLines } from '../../output/task-lines.ts';
import type { ImportResult } from './result.ts';

/** One line per task; for a dry run, what becomes what, and what is dropped and why. */
export function render({ tasks, leftOut, dropped, dryRun }: ImportResult): string {
  if (dryRun === undefined) return taskLines(tasks);
  const lines = [
    ...tasks.map(({ project, task, ref, change, state, status, priority, title }) => {
      const what = change === 'added' ? `${state ?? status}, priority ${priority ?? 0}` : change;
      return `${ref ?? '-'} -> ${project}/${task} (${what}): ${title ?? ''}`;
    }),
    ...dropped.map(({ place, name, reason }) => `${name}: ${reason} (${place})`),
    ...leftOut.map(({ place, name, reason }) => `left out ${name}: ${reason} (${place})`),
  ];
  return lines.map((line) => `${sanitizeLine(line)}\n`).join('');
}
