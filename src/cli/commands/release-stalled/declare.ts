import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const releaseStalledDeclaration: CommandDeclaration = {
  name: 'release-stalled',
  summary: 'release the tasks that silent agents hold',
  description:
    'Releases every claim without a heartbeat for --older-than, in one commit; the tasks have the exact bytes that they had before. A task that stalls too often (max_releases, default 3) is blocked. Prints one line per task; having nothing to do is a success.',
  prints: 'one line per task',
  page: 'docs/lifecycle.md#when-a-claim-is-stalled',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    {
      flags: '--older-than <duration>',
      description:
        "how long without a heartbeat is too long (default: the queue's stalled_after, 30m); clock skew is allowed for",
    },
    { flags: '--dry-run', description: 'say what would be released, but change nothing' },
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq release-stalled', does: 'in all projects, after 30 minutes' },
    {
      command: 'agentq release-stalled auth-service develop --older-than 1h30m',
      does: 'in one project, after 90 minutes',
    },
    { command: 'agentq release-stalled --dry-run --json', does: 'who is silent, and for how long' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
