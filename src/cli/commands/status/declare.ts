import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const statusDeclaration: CommandDeclaration = {
  name: 'status',
  summary: 'show how far every project is',
  description:
    'Prints one line per project: how much is complete, how much can be claimed, waits for dependencies, is blocked, is in progress or has stalled; then the batches and the last events. With --watch it stays and follows the branch: what asks and what has stalled on top, then projects, agents, what is next, and what happened; Enter opens a task with its text and log. Reads the tip of the remote branch, without a checkout.',
  prints: 'a line per project, then batches and events',
  page: 'docs/watch.md#live-in-a-terminal',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    {
      flags: '--watch',
      description: 'the same live; keys: q, arrows, enter, /, p. Without a terminal, a line for each change',
    },
    { flags: '--prometheus', description: 'answer in the text exposition format of Prometheus' },
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
