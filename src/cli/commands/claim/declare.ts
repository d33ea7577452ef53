import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  AGENT_ARGUMENT,
  BRANCH_ARGUMENT,
  CAN_OPTION,
  FILTER_OPTIONS,
  PROJECT_ARGUMENT,
  REQUEST_OPTION,
  RETRY_OPTIONS,
  WAIT_OPTION,
} from '../../command/shared-options.ts';

export const claimDeclaration: CommandDeclaration = {
  name: 'claim',
  summary: 'claim the best task that can be worked on',
  description:
    'Claims the claimable task with the highest priority and prints its name, project/TASK-ID. No two agents ever get the same task. If there is nothing to claim, says why and exits with 1.',
  prints: '`project/TASK-ID`',
  page: 'docs/watch.md',
  args: [AGENT_ARGUMENT, PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    ...FILTER_OPTIONS,
    CAN_OPTION,
    { flags: '--prefer <project>', description: 'claim from this project first, then from any' },
    { flags: '--task <id>', description: 'only this task' },
    WAIT_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
    { flags: '--dry-run', description: 'say which task would be claimed, but change nothing' },
  ],
  examples: [
    { command: 'agentq claim agent-1', does: 'the best task of any project' },
    { command: 'agentq claim agent-1 auth-service develop', does: 'one of this project, on the branch develop' },
    { command: 'agentq claim agent-1 "" develop --min-priority 8', does: 'one of any project, urgent ones only' },
    { command: 'agentq claim agent-1 --task auth/TASK-7 --json', does: 'this task, with all that is known about it' },
    { command: 'agentq claim agent-1 --wait 10m', does: 'as soon as there is something to claim' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
