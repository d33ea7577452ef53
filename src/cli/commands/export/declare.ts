import { type CommandDeclaration, runnable } from '../../command/declaration.ts';

export const exportDeclaration: CommandDeclaration = {
  name: 'export',
  summary: 'write all tasks in a format that other tools read',
  description:
    'Prints every task of the queue, of all projects, branches and states. json and jsonl have everything that agentq reads, and `agentq import agentq` makes the same tasks from it. csv is for spreadsheets, markdown is a check list, and beads is what `bd import` reads. docs/moving.md says what each format can hold.',
  prints: 'the export',
  page: 'docs/moving.md#export',
  args: [{ name: 'project', need: 'optional', description: 'only the tasks of this project' }],
  options: [{ flags: '--format <format>', description: 'json (the default), jsonl, csv, markdown or beads' }],
  examples: [
    { command: 'agentq export > queue.json', does: 'everything' },
    { command: 'agentq export auth --format csv > auth.csv', does: 'one project, for a spreadsheet' },
    { command: 'agentq export --format beads > .beads/issues.jsonl', does: 'for beads' },
    { command: 'agentq import agentq queue.json', does: 'the same tasks, in another queue' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
