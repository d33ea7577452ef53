import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { FILTER_OPTIONS, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const listDeclaration: CommandDeclaration = {
  name: 'list',
  summary: 'list the tasks of the queue',
  description:
    'Reads the queue from the tip of the remote branch, without a checkout. Lists the tasks that are neither completed nor cancelled, and counts those that are. --ready, --waiting, --blocked, --asking, --claimed, --review, --stalled, --completed and --cancelled select other tasks; with several of these, a task needs to match only one. All other options narrow the list down.',
  prints: 'a table',
  page: 'docs/watch.md#finding-tasks',
  args: [PROJECT_ARGUMENT],
  options: [
    { flags: '--ready', description: 'tasks that can be claimed now' },
    { flags: '--waiting', description: 'tasks that wait for others' },
    { flags: '--blocked', description: 'tasks that cannot be claimed yet, for any reason' },
    { flags: '--asking', description: 'tasks with a question that nobody has answered' },
    { flags: '--claimed', description: 'tasks that an agent works on, or that wait to be merged' },
    { flags: '--review', description: 'tasks that are done and wait to be merged' },
    { flags: '--stalled', description: 'claimed tasks without a heartbeat for too long' },
    { flags: '--completed', description: 'tasks that are done' },
    { flags: '--cancelled', description: 'tasks that were cancelled' },
    { flags: '--all', description: 'every task, also completed and cancelled ones' },
    {
      flags: '--search <words>',
      description:
        'only tasks with all these words in id, title, description, notes or questions; upper and lower case are the same',
    },
    { flags: '--agent <id>', description: 'only tasks that this agent holds or has completed' },
    {
      flags: '--since <when>',
      description:
        'only tasks to which something other than a heartbeat has happened since then: 2h, a time or a commit',
    },
    ...FILTER_OPTIONS.filter(({ flags }) => !flags.startsWith('--label')),
    {
      flags: '--label <label>',
      description: 'only tasks with this label or metadata: key=value, or key for any value; may be repeated',
      repeat: 'many',
    },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq list', does: 'everything that is still to be done' },
    { command: 'agentq list auth-service --ready', does: 'what can be claimed in one project' },
    { command: "agentq list --search 'sign in' --all", does: 'tasks with both words, also completed ones' },
    { command: 'agentq list --completed --since 1d --agent agent-1', does: 'what an agent has done in a day' },
    { command: "agentq list --claimed --json | jq '.tasks[].claim.agent'", does: 'which agents are at work' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
