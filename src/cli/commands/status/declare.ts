import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const statusDeclaration: CommandDeclaration = {
  name: 'status',
  summary: 'show the progress of every project',
  description:
    'Prints one line per project: how many tasks are complete, can be claimed, wait for dependencies, are blocked, are in progress or have stalled; then the batches and the last events. With --watch, it keeps running and follows the branch: questions and stalled tasks on top, then projects, agents, what is next, and what happened. Enter opens a task with its text and log. Reads the tip of the remote branch, without a checkout.',
  prints: 'one line per project, then batches and events',
  page: 'docs/watch.md#live-in-a-terminal',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    {
      flags: '--watch',
      description:
        'show the same live; keys: q, arrows, enter, /, p; without a terminal, print one line for each change',
    },
    { flags: '--prometheus', description: 'print the text exposition format of Prometheus' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq status', does: 'all projects' },
    { command: 'agentq status auth-service', does: 'one project' },
    { command: 'agentq status --watch', does: 'live, with agents, questions, events and the rate' },
    { command: 'agentq status --prometheus > status.prom', does: "for the node exporter's textfile collector" },
    { command: "agentq status --json | jq '.all.percent'", does: 'a number for a badge' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
