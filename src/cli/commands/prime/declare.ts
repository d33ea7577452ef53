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
  summary: 'say what an agent must know now, in a few lines',
  description:
    'Tells an agent who it is, what it holds and until when it must renew that, what it would get next, the commands that it needs, and what an exit code asks of it: under 400 tokens, for the beginning of a session. Changes nothing. The agent is the argument, else $AGENTQ_AGENT. Under `agentq work` it tells of the task that the worker has claimed, and that the worker renews and completes it.',
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
