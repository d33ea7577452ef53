import { appendFileSync } from 'node:fs';
import { agentProblem } from '../../../domain/base/names.ts';
import type { CommandContext } from '../context.ts';
import type { Input } from '../input.ts';

/** A tool whose hooks call us. */
export type HookTool = 'claude';

/** What a tool says about the session in which it calls us. */
export interface HookCall {
  readonly tool: HookTool;
  /** The agent of this session, if nobody has named one; undefined: the tool did not say which session it is. */
  readonly sessionAgent: string | undefined;
  /** Why the session ends. */
  readonly reason: string | undefined;
}

/** A tool's answer may be part of what it says. */
const LARGEST = 16_000_000;

/** A tool writes at once. Whoever tries a hook by hand may leave stdin open. */
const PATIENCE_MS = 1000;

/** Letters of a session's id that become part of an agent's id: 48 bits of a UUID. */
const LETTERS = 12;

/** The tool of `--hook`; undefined: no hook calls. */
export function readHookTool(input: Input): HookTool | undefined {
  return input.word('hook', ['claude']);
}

type Stdin = Pick<CommandContext['stdin'], 'isTerminal' | 'read'>;

/** What a tool has said; it can be read once. */
const heard = new WeakMap<Stdin, Promise<Record<string, unknown>>>();

/** Reads what the tool says on stdin. Never throws for that: a hook must not fail. */
export async function hookCall(
  tool: HookTool,
  { stdin, signal }: { readonly stdin: Stdin; readonly signal: AbortSignal },
): Promise<HookCall> {
  const reading: Promise<Record<string, unknown>> =
    heard.get(stdin) ?? (stdin.isTerminal ? Promise.resolve({}) : read(stdin, signal));
  heard.set(stdin, reading);
  const said = await reading;
  const { session_id: session, reason } = said;
  const letters = typeof session === 'string' ? session.replace(/[^A-Za-z0-9]/g, '').slice(0, LETTERS) : '';
  const agent = `${tool}-${letters}`;
  return {
    tool,
    sessionAgent: letters === '' || agentProblem(agent) !== undefined ? undefined : agent,
    reason: typeof reason === 'string' ? reason : undefined,
  };
}

async function read(stdin: Stdin, signal: AbortSignal): Promise<Record<string, unknown>> {
  try {
    const bytes = await stdin.read(LARGEST, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    signal.throwIfAborted();
    return {};
  }
}

/** Tells the commands that the session runs later which agent they are for, if the tool offers that. */
export function nameAgentToSession(agent: string, env: CommandContext['env']): void {
  // Claude Code runs this file before each command of the session.
  const path = env.CLAUDE_ENV_FILE;
  if (path === undefined || path === '') return;
  try {
    appendFileSync(path, `export AGENTQ_AGENT=${agent}\n`);
  } catch {
    // Then the agent reads its name, and names it in every command.
  }
}
