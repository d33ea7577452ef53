import { parse } from 'smol-toml';
import { expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { parseCommandLine } from '../../../src/cli/program.ts';
import { AGENT_NAMES, setupOf } from '../../../src/domain/setup/agents.ts';
import { CURSOR_RULE, GEMINI_COMMANDS, SECTION, SKILL } from '../../../src/domain/setup/guide.ts';
import { ALLOWED_COMMANDS, hooksFor, onExitIn } from '../../../src/domain/setup/hooks.ts';

const TEXTS = [SECTION, SKILL, CURSOR_RULE, ...Object.values(GEMINI_COMMANDS)];
const HOOKS = (['remind', 'release'] as const).map((onExit) => JSON.stringify(hooksFor(onExit)));

/** The words of a command line as a shell would split it, with values in the places of `<these>` and `[these]`. */
function wordsOf(line: string): string[] {
  const filled = line.replace(/[<[](?:pr-)?url[>\]]/g, 'https://example.com/1').replace(/[<[][a-z -]+[>\]]/g, 'x1');
  return [...filled.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

it('tells agents of commands that exist, with their arguments and options', () => {
  const inTexts = TEXTS.flatMap((text) =>
    [...text.matchAll(/(?:`|!\{)agentq ([a-z][^`}]*)[`}]/g)].map(([, line]) => line ?? ''),
  );
  const inHooks = HOOKS.flatMap((text) =>
    [...text.matchAll(/agentq ([a-z][^|]*) \|\| true/g)].map(([, line]) => line ?? ''),
  );
  const lines = [...inTexts, ...inHooks].map((line) => line.replace(/<command>$/, 'claim'));
  expect(lines.length).toBeGreaterThan(25);
  const named = new Set<string>();
  for (const line of lines) {
    const words = wordsOf(line);
    named.add(words[0] ?? '');
    // `agentq work` and the like are named without what they take.
    if (words.length === 1 && COMMANDS.some(({ name }) => name === words[0])) continue;
    expect(parseCommandLine(words, { version: '1', columns: 80, write: () => {} }), line).toBeDefined();
  }
  expect([...named]).toEqual(
    expect.arrayContaining(['prime', 'claim', 'prompt', 'note', 'ask', 'complete', 'release']),
  );
});

it('starts a server that is there', () => {
  const parts = AGENT_NAMES.flatMap((name) => setupOf(name, 'remind').parts);
  const servers = parts.flatMap((part) => {
    const server = part.kind === 'json' ? part.wanted.members.mcpServers : undefined;
    const entry = server?.kind === 'object' ? server.members.agentq : undefined;
    return entry?.kind === 'value' ? [entry.value] : [];
  });
  const tables = parts.flatMap((part) => (part.kind === 'toml' ? [parse(part.body)] : []));
  expect(servers).toHaveLength(3);
  for (const server of servers) expect(server).toMatchObject({ command: 'agentq', args: ['mcp'] });
  expect(tables).toEqual([{ mcp_servers: { agentq: { command: 'agentq', args: ['mcp'] } } }]);
  expect(COMMANDS.map(({ name }) => name)).toContain('mcp');
});

it('stays short where an agent always reads it', () => {
  expect(SECTION.length).toBeLessThan(2100);
});

it('allows commands that run nothing else, and that are there', () => {
  for (const name of ALLOWED_COMMANDS.filter((name) => name !== 'help')) {
    const command = COMMANDS.find((one) => one.name === name);
    expect([name, command?.tail]).toEqual([name, undefined]);
    expect(command).toBeDefined();
  }
});

it('has frontmatter and commands that their tools can read', () => {
  const frontmatter = (text: string) => parseYaml(/^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '');
  expect(frontmatter(SKILL)).toEqual({ name: 'agentq', description: expect.stringContaining('agentq') });
  expect(frontmatter(SKILL).description.length).toBeLessThan(1024);
  expect(frontmatter(CURSOR_RULE)).toEqual({ description: expect.any(String), alwaysApply: true });
  for (const text of Object.values(GEMINI_COMMANDS)) {
    expect(parse(text)).toEqual({
      description: expect.any(String),
      prompt: expect.stringContaining('!{agentq prime}'),
    });
  }
});

it('knows from the settings what the end of a session does', () => {
  expect(HOOKS.map(onExitIn)).toEqual(['remind', 'release']);
  expect(onExitIn('{}')).toBeUndefined();
});

it.each(AGENT_NAMES)('has each file of %s once', (name) => {
  const paths = setupOf(name, 'remind').parts.map(({ path }) => path);
  expect(paths).toEqual([...new Set(paths)]);
});
