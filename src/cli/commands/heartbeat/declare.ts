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

export const heartbeatDeclaration: CommandDeclaration = {
  name: 'heartbeat',
  summary: 'renew the claim on a task that is being worked on',
  description: 'Renews the claim. Exits with 3 if this agent no longer holds the claim: then stop working on the task.',
  prints: '`project/TASK-ID`',
  page: 'docs/lifecycle.md#when-a-claim-is-stalled',
  args: [TASK_ARGUMENT, OWNER_ARGUMENT, PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--watch', description: 'keep renewing until the process of --pid ends, or until interrupted' },
    {
      flags: '--pid <n>',
      description: 'with --watch: the process that works on the task; it is stopped if the claim is lost',
    },
    {
      flags: '--every <duration>',
      description: 'with --watch: time between two renewals (default: a third of stalled_after)',
    },
    {
      flags: '--grace <duration>',
      description: 'with --pid: time between asking the process to end and killing it (default 10s)',
    },
    ...MINE_OPTIONS,
    {
      flags: '--if-older-than <duration>',
      description:
        'like --mine, but do nothing if this clone renewed them within this time; neither git nor the remote is asked then',
      standsFor: 'arguments',
    },
    HOOK_OPTION,
    CLAIM_ID_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq heartbeat TASK-7 agent-1', does: 'renew the claim on TASK-7' },
    { command: 'agentq heartbeat auth/TASK-7 agent-1 || kill "$worker"', does: 'stop if the claim is lost' },
    { command: 'agentq heartbeat TASK-7 agent-1 --watch --pid "$worker" &', does: 'do both, beside a worker' },
    {
      command: 'AGENTQ_AGENT=agent-1 agentq heartbeat --if-older-than 5m',
      does: 'all that agent-1 holds, now and then',
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
