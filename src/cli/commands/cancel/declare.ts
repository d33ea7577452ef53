import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS, TASKS_ARGUMENT } from '../../command/shared-options.ts';

export const cancelDeclaration: CommandDeclaration = {
  name: 'cancel',
  summary: 'cancel tasks that need not be done any more',
  description:
    'Cancels these tasks, all in one commit, or none. Nobody can claim a cancelled task, and it never counts as complete. If other tasks require them, the command names these and changes nothing, unless --cascade or --detach says what becomes of them. A claimed task cannot be cancelled: release it first. `agentq reopen` undoes it. Prints the tasks that were cancelled.',
  prints: 'one line per cancelled task',
  page: 'docs/lifecycle.md#cancelling',
  args: [TASKS_ARGUMENT],
  options: [
    { flags: '--reason <text>', description: 'why, in one line; required' },
    { flags: '--cascade', description: 'also cancel the tasks that require them, and those that require these' },
    { flags: '--detach', description: 'remove them from the requirements of other tasks' },
    AUTHOR_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: "agentq cancel TASK-7 --reason 'the customer has withdrawn it'", does: 'one task' },
    {
      command: "agentq cancel auth/TASK-7 auth/TASK-8 --cascade --reason 'no more SAML'",
      does: 'and all tasks that require them',
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
