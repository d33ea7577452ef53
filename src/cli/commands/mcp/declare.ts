import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, CAN_OPTION, PROJECT_ARGUMENT, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const mcpDeclaration: CommandDeclaration = {
  name: 'mcp',
  summary: 'serve an agent over MCP, on stdin and stdout',
  description:
    'A Model Context Protocol server for one agent: the tools claim, show, note, ask, complete, release, add and status, and resources for the board and the task held. A claim lives as long as the session: the server renews it, gives it back when the client goes, and says so if it is lost. The agent is --agent, else $AGENTQ_AGENT, else an id of its own for each session. For agents that speak no MCP there are the other commands.',
  prints: 'the protocol',
  page: 'docs/mcp.md',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--agent <agent-id>', description: 'the agent that acts; what it holds already is taken up' },
    CAN_OPTION,
    {
      flags: '--on-exit <what>',
      description: 'what becomes of the tasks held when the session ends: release (default) or keep',
    },
    { flags: '--hold <n>', description: 'tasks that the agent may hold at a time (default 1)' },
    {
      flags: '--heartbeat <duration>',
      description: 'time between two heartbeats (default: a third of stalled_after)',
    },
    { flags: '--force', description: 'also under an agent id that is at work on another machine' },
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq mcp', does: 'what an MCP client starts, see docs/mcp.md' },
    { command: 'agentq mcp auth --agent agent-1 --can gpu', does: 'as agent-1, for one project' },
    { command: 'claude mcp add agentq -- agentq mcp', does: 'tell Claude Code of it' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
