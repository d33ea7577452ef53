import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS, TASKS_ARGUMENT } from '../../command/shared-options.ts';

export const cancelDeclaration: CommandDeclaration = {
  name: 'cancel',
  summary: 'say that tasks are not to be done any more',
  description:
    'Cancels these tasks, all in one commit, or none of them: nobody can claim them, and they never count as complete. Tasks that require them are named, and it is refused, unless --cascade or --detach says what becomes of them. A claimed task is refused: give it back first. `agentq reopen` undoes it. Prints the tasks that were cancelled.',
  prints: 'one line per cancelled task',
  page: 'docs/lifecycle.md#cancelling',
  args: [TASKS_ARGUMENT],
  options: [
    { flags: '--reason <text>', description: 'why, in one line; required' },
    { flags: '--cascade', description: 'cancel what requires them, too, and what requires that' },
    { flags: '--detach', description: 'take them out of the lists of what requires them' },
    AUTHOR_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: "agentq cancel TASK-7 --reason 'the customer has withdrawn it'", does: 'one task' },
    {
      command: "agentq cancel auth/TASK-7 auth/TASK-8 --cascade --reason 'no more SAML'",
      does: 'and all that need them',
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
