import { type CommandDeclaration, runnable } from '../declaration.ts';
import {
  AGENT_ARGUMENT,
  BRANCH_ARGUMENT,
  CLAIM_ID_OPTION,
  PROJECT_ARGUMENT,
  RETRY_OPTIONS,
  TASK_ARGUMENT,
} from './shared.ts';

export const heartbeatDeclaration: CommandDeclaration = {
  name: 'heartbeat',
  summary: 'say that a claimed task is still being worked on',
  description:
    'Renews the claim. Exits with 3 when the task is not claimed by this agent any more: stop working on it then.',
  args: [TASK_ARGUMENT, AGENT_ARGUMENT, PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [CLAIM_ID_OPTION, ...RETRY_OPTIONS],
  examples: [
    { command: 'agentq heartbeat TASK-7 agent-1', does: 'renew the claim on TASK-7' },
    { command: 'agentq heartbeat auth/TASK-7 agent-1 || kill "$worker"', does: 'stop when the claim is lost' },
  ],
  load: async () => runnable(await import('../commands/heartbeat.ts')),
};
