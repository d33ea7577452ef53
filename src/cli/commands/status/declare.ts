import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const statusDeclaration: CommandDeclaration = {
  name: 'status',
  summary: 'how far every project is',
  description:
    'A line a project: how much is complete, what can be claimed, what waits for dependencies, what is blocked, who is at work and who has fallen silent; batches, and the last events. Read from the tip of the remote branch, without a checkout.',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [TIMEOUT_OPTION],
  examples: [
    { command: 'agentq status', does: 'all projects' },
    { command: 'agentq status auth-service', does: 'one' },
    { command: "agentq status --json | jq '.all.percent'", does: 'a number for a badge' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
