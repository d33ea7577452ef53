import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS, TASKS_ARGUMENT } from '../../command/shared-options.ts';

export const reopenDeclaration: CommandDeclaration = {
  name: 'reopen',
  summary: 'make completed or cancelled tasks ready again',
  description:
    'Makes these tasks ready again, or blocked where they require what is not complete, all in one commit, or none of them. A completed task loses its claim and its completion, a cancelled one is what it was before. What had been opened by the completion waits again; what is claimed or completed already is named and stays. Prints the tasks.',
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
