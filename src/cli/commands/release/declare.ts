import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  BRANCH_ARGUMENT,
  CLAIM_ID_OPTION,
  HOOK_OPTION,
  MINE_OPTIONS,
  OWNER_ARGUMENT,
  PROJECT_ARGUMENT,
  REQUEST_OPTION,
  RETRY_OPTIONS,
  TASK_ARGUMENT,
} from '../../command/shared-options.ts';

export const releaseDeclaration: CommandDeclaration = {
  name: 'release',
  summary: 'give a claimed task back',
  description:
    'Gives the task back for others to claim, byte for byte as it was before. Exits with 3 if this agent no longer holds the claim.',
  prints: '`project/TASK-ID`',
  page: 'docs/lifecycle.md',
  args: [TASK_ARGUMENT, OWNER_ARGUMENT, PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--reason <text>', description: 'the reason, in one line; it goes into the commit message' },
    ...MINE_OPTIONS,
    { flags: '--remind', description: 'with --mine: release nothing, only say what is still held' },
    HOOK_OPTION,
    CLAIM_ID_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq release TASK-7 agent-1', does: 'give TASK-7 back' },
    { command: 'agentq release auth/TASK-7 agent-1 --reason "needs a database"', does: 'give it back and say why' },
    { command: 'agentq release --mine --agent agent-1', does: 'give back all that agent-1 works on' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
