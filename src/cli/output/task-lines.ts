import { sanitizeLine } from './sanitize.ts';

/** One line per task, as scripts read it: `project/id`. */
export function taskLines(tasks: readonly { readonly project: string; readonly task: string }[]): string {
  return tasks.map(({ project, task }) => `${sanitizeLine(`${project}/${task}`)}\n`).join('');
}
