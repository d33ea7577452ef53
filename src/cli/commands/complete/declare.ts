import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  AGENT_ARGUMENT,
  BRANCH_ARGUMENT,
  CLAIM_ID_OPTION,
  PROJECT_ARGUMENT,
  REQUEST_OPTION,
  RETRY_OPTIONS,
  TASK_ARGUMENT,
} from '../../command/shared-options.ts';

export const completeDeclaration: CommandDeclaration = {
  name: 'complete',
  summary: 'say that a claimed task is done',
  description:
    'Completes the task and, in the same commit, makes ready what waited for it alone. Prints the task, then each unblocked one on a line of its own. Completing again what one has completed is a success that changes nothing. Exits with 3 when the task is not claimed by this agent any more.',
  args: [
    TASK_ARGUMENT,
    AGENT_ARGUMENT,
    { name: 'pr-url', need: 'optional', description: 'pull request with the work; "" for none' },
    PROJECT_ARGUMENT,
    BRANCH_ARGUMENT,
  ],
  options: [
    { flags: '--pr-url <url>', description: 'pull request with the work' },
    CLAIM_ID_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq complete TASK-7 agent-1', does: 'TASK-7 is done' },
    {
      command: 'agentq complete auth/TASK-7 agent-1 --pr-url https://example.com/pull/12',
      does: 'by this pull request',
    },
    { command: 'agentq complete TASK-7 agent-1 "" auth develop', does: 'as the old script takes it' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
