import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const showDeclaration: CommandDeclaration = {
  name: 'show',
  summary: 'print a task',
  description:
    'Prints the file of the task from the tip of the remote branch, without a checkout. With --json, prints what agentq reads in it.',
  prints: "the task's own text",
  page: 'docs/answers.md#a-task',
  args: [
    {
      name: 'task',
      need: 'required',
      variable: 'AGENTQ_TASK_ID',
      description: 'TASK-ID, or project/TASK-ID if several projects have it',
    },
  ],
  options: [TIMEOUT_OPTION],
  examples: [
    { command: 'agentq show TASK-7', does: 'the text of TASK-7' },
    { command: 'agentq show auth/TASK-7 > task.toon', does: 'a copy of its file, byte for byte' },
    { command: 'agentq show auth/TASK-7 --json', does: 'as data, with what it waits for' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
