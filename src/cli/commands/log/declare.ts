import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TASK_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const logDeclaration: CommandDeclaration = {
  name: 'log',
  summary: 'show what happened to a task, or in the queue',
  description:
    'Prints the history of a task, or of the whole queue, from the commits of the branch, newest last: when, what, who, and why. It includes the reasons of releases and failures, notes and pull requests, but no heartbeats. Commits of older scripts, and of people who move files, count too.',
  prints: 'a table',
  page: 'docs/watch.md#looking-back',
  args: [{ ...TASK_ARGUMENT, name: 'task', need: 'optional' }],
  options: [
    { flags: '--project <name>', description: 'only what happened in this project' },
    { flags: '-n, --events <n>', description: 'the last n events (default 50, or all with --since)' },
    {
      flags: '--since <start>',
      description: 'only what happened this long ago or later, or after this time or commit',
    },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq log TASK-7', does: 'what happened to TASK-7, and why' },
    { command: 'agentq log --since 2h', does: 'what happened in the last two hours' },
    { command: "agentq log --json -n 500 | jq '.events[] | select(.reason)'", does: 'why tasks came back' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
