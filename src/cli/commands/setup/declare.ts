import { type CommandDeclaration, runnable } from '../../command/declaration.ts';

export const setupDeclaration: CommandDeclaration = {
  name: 'setup',
  summary: 'tell coding agents about the queue, in the files that they read',
  description:
    'Writes into the files of this working tree what an agent reads: instructions, and for claude also a skill, permissions, hooks (`prime` at the beginning of a session, heartbeats while it works) and the MCP server. Agents: claude, codex (and all that read AGENTS.md), cursor, gemini, copilot, aider. It only changes what is between its markers or under its own names. Prints one line for each file that changes. Commits nothing and needs no remote.',
  prints: 'one line per changed file',
  page: 'docs/agents-setup.md',
  args: [{ name: 'agent', need: 'many', description: 'claude, codex, cursor, gemini, copilot or aider' }],
  options: [
    { flags: '--all', description: 'set up all agents whose files are here' },
    { flags: '--check', description: 'change nothing; exit 5 if something is missing or out of date' },
    { flags: '--remove', description: 'remove it again, so that the files are as they were before, byte for byte' },
    { flags: '--dry-run', description: 'change nothing; print what would happen to each file' },
    { flags: '--force', description: 'overwrite or remove its own files even if somebody has changed them' },
    {
      flags: '--on-exit <what>',
      description:
        'what to do when a session of claude ends and still holds tasks: remind (default: name them) or release',
    },
  ],
  examples: [
    { command: 'agentq setup claude', does: 'skill, CLAUDE.md, permissions, hooks and MCP server' },
    { command: 'agentq setup --all --check', does: 'in CI: exit 5 if a file is out of date' },
    { command: 'agentq setup codex --dry-run', does: 'what would happen to each file' },
    { command: 'agentq setup claude --remove', does: 'everything as it was' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
