import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  BRANCH_ARGUMENT,
  CAN_OPTION,
  HOOK_OPTION,
  OWNER_ARGUMENT,
  PROJECT_ARGUMENT,
  TIMEOUT_OPTION,
} from '../../command/shared-options.ts';

export const primeDeclaration: CommandDeclaration = {
  name: 'prime',
  summary: 'tell an agent in a few lines what it must know now',
  description:
    'Tells an agent who it is, what it holds and by when it must renew that, what it would get next, which commands it needs, and what to do at each exit code. The text has under 400 tokens and is meant for the beginning of a session. Changes nothing. The agent is the argument, or else $AGENTQ_AGENT. Under `agentq work`, it names the task that the worker has claimed, and says that the worker renews and completes it.',
  prints: 'a few lines',
  page: 'docs/agents.md#at-the-beginning-of-a-session',
  args: [{ ...OWNER_ARGUMENT, need: 'optional' }, PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [CAN_OPTION, HOOK_OPTION, TIMEOUT_OPTION],
  examples: [
    { command: 'agentq prime a1', does: 'at the beginning of a session of a1' },
    { command: 'AGENTQ_AGENT=a1 agentq prime --json', does: 'the same as data' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
