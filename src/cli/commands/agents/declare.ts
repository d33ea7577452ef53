import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const agentsDeclaration: CommandDeclaration = {
  name: 'agents',
  summary: 'show what every agent is doing, since when, when it was last seen, and what it has done',
  description:
    'Lists every agent that did something in the window, holds a task now, or has signed in (`agentq work` does). It reads the commits, heartbeats and sign-ins at the remote, so no service has to run. working: holds a task and sends heartbeats. silent: holds a task, but has sent no heartbeat for more than half of stalled_after. idle: has no task to work on, and is signed in or was seen within stalled_after. gone: neither. SINCE says how long the agent has been in that state, SEEN when it was last seen. STALLED counts the tasks that were taken from it. The other counts are those of `agentq metrics`.',
  prints: 'a table',
  page: 'docs/pools.md#who-is-at-work',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--since <duration>', description: 'count what happened in the last such period (default 24h), or all' },
    { flags: '--agent <id>', description: 'only this agent' },
    { flags: '--prometheus', description: 'print the text exposition format of Prometheus' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq agents', does: 'the last day' },
    { command: 'agentq agents --prometheus > agents.prom', does: "for the node exporter's textfile collector" },
    { command: 'agentq agents auth-service --since 1h', does: 'who worked on one project in the last hour' },
    { command: `agentq agents --json | jq -r '.agents[] | select(.state == "silent") | .agent'`, does: 'who is stuck' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
