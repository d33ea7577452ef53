import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, CAN_OPTION, PROJECT_ARGUMENT, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const mcpDeclaration: CommandDeclaration = {
  name: 'mcp',
  summary: 'serve an agent over MCP, on stdin and stdout',
  description:
    'A Model Context Protocol server for one agent. It has the tools claim, show, note, ask, complete, release, add and status, and resources for the board and the held task. A claim lives as long as the session: the server renews it, releases it when the client disconnects, and says so if it is lost. The agent is --agent, or else $AGENTQ_AGENT, or else a new id for each session. Agents without MCP use the other commands.',
  prints: 'the protocol',
  page: 'docs/mcp.md',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    {
      flags: '--agent <agent-id>',
      description: 'the agent that acts; the session takes up the tasks that it already holds',
    },
    CAN_OPTION,
    {
      flags: '--on-exit <what>',
      description: 'what to do with the held tasks when the session ends: release (default) or keep',
    },
    { flags: '--hold <n>', description: 'tasks that the agent may hold at once (default 1)' },
    {
      flags: '--heartbeat <duration>',
      description: 'time between two heartbeats (default: a third of stalled_after)',
    },
    { flags: '--force', description: 'start even if the agent id is in use on another machine' },
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq mcp', does: 'what an MCP client starts; see docs/mcp.md' },
    { command: 'agentq mcp auth --agent agent-1 --can gpu', does: 'as agent-1, for one project' },
    { command: 'claude mcp add agentq -- agentq mcp', does: 'register it with Claude Code' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
