import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS, TASKS_ARGUMENT } from '../../command/shared-options.ts';

export const blockDeclaration: CommandDeclaration = {
  name: 'block',
  summary: 'take tasks out of the queue for now',
  description:
    'Keeps these tasks from being claimed until `agentq unblock --task` frees them. All are blocked in one commit, or none. A claimed task cannot be blocked: release it first. Prints the tasks.',
  prints: '`project/TASK-ID`, one line per task',
  page: 'docs/lifecycle.md#blocking',
  args: [TASKS_ARGUMENT],
  options: [
    { flags: '--reason <text>', description: 'why, in one line; required' },
    AUTHOR_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: "agentq block TASK-7 --reason 'waits for the contract'", does: 'one task' },
    { command: 'agentq unblock --task TASK-7', does: 'free it again' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
