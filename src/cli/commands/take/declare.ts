import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AGENT_ARGUMENT, REQUEST_OPTION, RETRY_OPTIONS, TASK_ARGUMENT } from '../../command/shared-options.ts';

const { name: _, variable: __, ...TASK } = TASK_ARGUMENT;

export const takeDeclaration: CommandDeclaration = {
  name: 'take',
  summary: 'hand over a claimed task to another agent',
  description:
    'Gives the claim of one agent to another, in one commit, so that nobody else gets the task in between. The old owner is shut out at once: its heartbeat, completion and release exit with 3, and a worker stops its command. Prints the task as `claim` does. A task in review stays in review. If --from does not hold the task, the command exits with 3 and changes nothing.',
  prints: '`project/TASK-ID`',
  page: 'docs/lifecycle.md#handing-over',
  args: [{ ...TASK, name: 'task' }, AGENT_ARGUMENT],
  options: [
    { flags: '--from <owner>', description: 'who holds the task now (required)' },
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [{ command: 'agentq take TASK-7 agent-2 --from agent-1', does: 'TASK-7 now belongs to agent-2' }],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
