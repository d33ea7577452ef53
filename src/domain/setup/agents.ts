import { CURSOR_RULE, GEMINI_COMMANDS, SECTION, SKILL } from './guide.ts';
import { hooksFor, type OnExit, PERMISSIONS } from './hooks.ts';
import type { CommentStyle } from './own-file.ts';
import { type Json, object, value, type WantedObject } from './wanted.ts';

/** Agents that can be set up. `codex` stands for everything that reads AGENTS.md. */
export const AGENT_NAMES = ['claude', 'codex', 'cursor', 'gemini', 'copilot', 'aider'] as const;

export type AgentName = (typeof AGENT_NAMES)[number];

/** What we have in one file, from the root of the repository. */
export type Part = { readonly path: string } & (
  | { readonly kind: 'section'; readonly body: string }
  /** All of the file is ours. */
  | { readonly kind: 'file'; readonly content: string; readonly comments: CommentStyle }
  | { readonly kind: 'json'; readonly wanted: WantedObject }
  /** Only if this folder is there. */
  | {
      readonly kind: 'toml';
      readonly group: string;
      readonly name: string;
      readonly body: string;
      readonly within: string;
    }
  | { readonly kind: 'yaml'; readonly key: string; readonly item: string }
);

/** An agent's files. */
export interface AgentSetup {
  readonly parts: readonly Part[];
  /** Files and folders that say that somebody here uses this agent. */
  readonly signs: readonly string[];
  /** Folders that are removed with our last file in them, the innermost first. */
  readonly folders: readonly string[];
}

/** How agents that speak MCP start the server. */
const SERVER: Json = { command: 'agentq', args: ['mcp'] };

/** @param onExit what the end of a session does about the tasks that are still held */
export function setupOf(agent: AgentName, onExit: OnExit): AgentSetup {
  switch (agent) {
    case 'claude':
      return {
        parts: [
          { kind: 'file', path: '.claude/skills/agentq/SKILL.md', content: SKILL, comments: 'html' },
          { kind: 'section', path: 'CLAUDE.md', body: SECTION },
          {
            kind: 'json',
            path: CLAUDE_SETTINGS,
            wanted: object({ permissions: PERMISSIONS, hooks: hooksFor(onExit) }),
          },
          { kind: 'json', path: '.mcp.json', wanted: servers({ type: 'stdio', command: 'agentq', args: ['mcp'] }) },
        ],
        signs: ['CLAUDE.md', '.claude'],
        folders: ['.claude/skills/agentq', '.claude/skills', '.claude'],
      };
    case 'codex':
      return {
        parts: [
          { kind: 'section', path: 'AGENTS.md', body: SECTION },
          {
            kind: 'toml',
            path: '.codex/config.toml',
            within: '.codex',
            group: 'mcp_servers',
            name: 'agentq',
            body: '[mcp_servers.agentq]\ncommand = "agentq"\nargs = ["mcp"]\n',
          },
        ],
        signs: ['AGENTS.md', '.codex'],
        folders: [],
      };
    case 'cursor':
      return {
        parts: [
          { kind: 'file', path: '.cursor/rules/agentq.mdc', content: CURSOR_RULE, comments: 'html' },
          { kind: 'json', path: '.cursor/mcp.json', wanted: servers(SERVER) },
        ],
        signs: ['.cursor', '.cursorrules'],
        folders: ['.cursor/rules', '.cursor'],
      };
    case 'gemini':
      return {
        parts: [
          { kind: 'section', path: 'GEMINI.md', body: SECTION },
          ...Object.entries(GEMINI_COMMANDS).map(
            ([name, content]) =>
              ({ kind: 'file', path: `.gemini/commands/agentq/${name}.toml`, content, comments: 'hash' }) as const,
          ),
          { kind: 'json', path: '.gemini/settings.json', wanted: servers(SERVER) },
        ],
        signs: ['GEMINI.md', '.gemini'],
        folders: ['.gemini/commands/agentq', '.gemini/commands', '.gemini'],
      };
    case 'copilot':
      return {
        parts: [{ kind: 'section', path: '.github/copilot-instructions.md', body: SECTION }],
        signs: ['.github/copilot-instructions.md'],
        folders: ['.github'],
      };
    case 'aider':
      return {
        parts: [
          { kind: 'section', path: 'CONVENTIONS.md', body: SECTION },
          { kind: 'yaml', path: '.aider.conf.yml', key: 'read', item: 'CONVENTIONS.md' },
        ],
        signs: ['.aider.conf.yml'],
        folders: [],
      };
  }
}

/** Where the hooks of Claude Code are. */
export const CLAUDE_SETTINGS = '.claude/settings.json';

function servers(server: Json): WantedObject {
  return object({ mcpServers: object({ agentq: value(server) }) });
}
