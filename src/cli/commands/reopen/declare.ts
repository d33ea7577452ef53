import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS, TASKS_ARGUMENT } from '../../command/shared-options.ts';

export const reopenDeclaration: CommandDeclaration = {
  name: 'reopen',
  summary: 'make completed or cancelled tasks ready again',
  description:
    'Makes these tasks ready again, or blocked if they require tasks that are not complete. All are reopened in one commit, or none. A completed task loses its claim and its completion; a cancelled one is again what it was before. Tasks that the completion had made ready wait again. If such a task is already claimed or completed, it stays so, and the command names it. Prints the tasks.',
  prints: '`project/TASK-ID`, one line per task',
  page: 'docs/lifecycle.md#reopening',
  args: [TASKS_ARGUMENT],
  options: [AUTHOR_OPTION, REQUEST_OPTION, ...RETRY_OPTIONS],
  examples: [
    { command: 'agentq reopen TASK-7', does: 'do it again' },
    { command: 'agentq reopen auth/TASK-7 auth/TASK-8', does: 'two tasks in one commit' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
