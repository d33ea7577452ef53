import { items, type Json, object, type Wanted } from './wanted.ts';

/** What the end of a session does about tasks that are still held. */
export type OnExit = 'remind' | 'release';

/**
 * What an agent may run without asking. Not `agentq` as a whole: `work` and `watch` run any command that they are given,
 * `init`, `branch` and `merge` are for people.
 */
export const ALLOWED_COMMANDS = [
  'add',
  'ask',
  'claim',
  'complete',
  'graph',
  'heartbeat',
  'help',
  'list',
  'log',
  'note',
  'prime',
  'prompt',
  'release',
  'review',
  'show',
  'status',
  'validate',
] as const;

/** Rules of Claude Code: commands that begin so, and the tools of our MCP server. */
export const PERMISSIONS: Wanted = object({
  allow: items([...ALLOWED_COMMANDS.map((name) => `Bash(agentq ${name}:*)`), 'mcp__agentq']),
});

/** On a machine without agentq, the one of the queue is found, if the checkout has it. */
const WITH_KIT = `PATH="$PATH:\${CLAUDE_PROJECT_DIR:-.}/.agents-core/bin"`;

/** Says in a command line that it is a hook of ours. */
const MARK = '--hook claude';

/** Longest time (s) that a session waits for a hook. */
const LIMIT_S = 30;

/** Hooks of Claude Code. None of them can fail: they end with 0 whatever happens. */
export function hooksFor(onExit: OnExit): Wanted {
  return object({
    SessionStart: hook(`agentq prime ${MARK}`),
    PostToolUse: hook(`agentq heartbeat --if-older-than 5m ${MARK}`),
    SessionEnd: hook(`agentq release --mine${onExit === 'remind' ? ' --remind' : ''} ${MARK}`),
  });
}

/** What the settings say about the end of a session; undefined: nothing of ours is in them. */
export function onExitIn(settings: string): OnExit | undefined {
  const [, words] = /agentq release --mine( --remind)? --hook claude/.exec(settings) ?? [];
  if (words !== undefined) return 'remind';
  return settings.includes(`agentq release --mine ${MARK}`) ? 'release' : undefined;
}

function hook(command: string): Wanted {
  return items(
    [{ hooks: [{ type: 'command', command: `${WITH_KIT}; ${command} || true`, timeout: LIMIT_S }] }],
    isOurs,
  );
}

/** An entry with nothing in it but our hooks, of whatever version. */
function isOurs(entry: Json): boolean {
  const hooks = isMap(entry) ? entry.hooks : undefined;
  return (
    Array.isArray(hooks) &&
    hooks.length > 0 &&
    hooks.every((one: Json) => {
      const command = isMap(one) ? one.command : undefined;
      return typeof command === 'string' && command.includes(MARK) && command.includes('agentq ');
    })
  );
}

function isMap(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
