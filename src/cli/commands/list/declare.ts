import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { FILTER_OPTIONS, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const listDeclaration: CommandDeclaration = {
  name: 'list',
  summary: 'list the tasks of the queue',
  description:
    'Reads the queue from the tip of the remote branch, without a checkout. Lists what is not completed, and says how many tasks are. --ready, --claimed, --completed and --blocked select others; several of these add up.',
  args: [PROJECT_ARGUMENT],
  options: [
    { flags: '--ready', description: 'tasks that can be claimed now' },
    { flags: '--claimed', description: 'tasks that an agent works on' },
    { flags: '--completed', description: 'tasks that are done' },
    { flags: '--blocked', description: 'tasks that cannot be claimed yet' },
    { flags: '--all', description: 'every task, also what is done' },
    ...FILTER_OPTIONS,
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq list', does: 'everything that is not completed' },
    { command: 'agentq list auth-service --ready', does: 'what can be claimed in one project' },
    { command: "agentq list --claimed --json | jq '.tasks[].owner'", does: 'which agents are at work' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
