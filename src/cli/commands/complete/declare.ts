import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  BRANCH_ARGUMENT,
  CLAIM_ID_OPTION,
  OWNER_ARGUMENT,
  PROJECT_ARGUMENT,
  REQUEST_OPTION,
  RETRY_OPTIONS,
  TASK_ARGUMENT,
} from '../../command/shared-options.ts';

export const completeDeclaration: CommandDeclaration = {
  name: 'complete',
  summary: 'say that a claimed task is done',
  description:
    'Completes the task and, in the same commit, makes the tasks ready that only waited for it. Prints the task, then one line per unblocked task. If this agent has already completed the task, the command succeeds and changes nothing. Exits with 3 if this agent no longer holds the claim, and with 6 if a check of --verify fails.',
  prints: '`project/TASK-ID`, then one line per unblocked task',
  page: 'docs/lifecycle.md',
  args: [
    TASK_ARGUMENT,
    OWNER_ARGUMENT,
    { name: 'pr-url', need: 'optional', takes: 'url', description: 'pull request with the work; "" for none' },
    PROJECT_ARGUMENT,
    BRANCH_ARGUMENT,
  ],
  options: [
    { flags: '--pr-url <url>', description: 'pull request with the work' },
    {
      flags: '--verify',
      description:
        'first run the checks in `verify` of the task file, in this directory; complete the task only if all succeed',
    },
    CLAIM_ID_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq complete TASK-7 agent-1', does: 'TASK-7 is done' },
    {
      command: 'agentq complete auth/TASK-7 agent-1 --pr-url https://example.com/pull/12',
      does: 'with its pull request',
    },
    { command: 'agentq complete TASK-7 agent-1 --verify', does: 'if its checks succeed' },
    { command: 'agentq complete TASK-7 agent-1 "" auth develop', does: 'arguments in the order of the old script' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
