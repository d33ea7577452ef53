import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const unblockDeclaration: CommandDeclaration = {
  name: 'unblock',
  summary: 'make tasks ready that no longer wait for anything',
  description:
    'Makes the blocked and pending tasks ready whose dependencies are complete and whose --hold-until condition is met. Only --task frees a task that a person blocked or that stalled too often. Prints one line per task; having nothing to do is a success.',
  prints: 'one line per task',
  page: 'docs/lifecycle.md#what-opens-a-task',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    {
      flags: '--task <id>',
      description: 'free this task, whatever blocks it, and reset the count of how often it stalled; may be repeated',
      repeat: 'many',
    },
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq unblock', does: 'in all projects' },
    { command: 'agentq unblock auth-service develop', does: 'in one project, on the branch develop' },
    { command: 'agentq unblock --task auth/TASK-7', does: 'give a task that stalled too often another chance' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
