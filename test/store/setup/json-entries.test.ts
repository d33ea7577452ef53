import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { items, type Json, object, value } from '../../../src/domain/setup/wanted.ts';
import { withEntries, withoutEntries } from '../../../src/store/setup/json-entries.ts';

const SERVER = { command: 'agentq', args: ['mcp'] };
const isHook = (one: Json) => JSON.stringify(one).includes('agentq');
const WANTED = object({
  permissions: object({ allow: items(['Bash(agentq claim:*)', 'Bash(agentq prime:*)']) }),
  hooks: object({ Start: items([{ hooks: [{ type: 'command', command: 'agentq prime' }] }], isHook) }),
  mcpServers: object({ agentq: value(SERVER) }),
});

/** The text with what is wanted; a problem as `line: words`. */
function added(text: string | undefined, wanted = WANTED): string {
  const edited = withEntries(text, wanted);
  return edited.kind === 'problem' ? `${edited.line}: ${edited.words}` : String(edited.text);
}

function removed(text: string): string | undefined {
  const edited = withoutEntries(text, WANTED);
  return edited.kind === 'problem' ? `${edited.line}: ${edited.words}` : edited.text;
}

describe('our entries in a JSON file', () => {
  it('are a file of their own where there is none, which goes with them', () => {
    const text = added(undefined);
    expect(JSON.parse(text)).toEqual({
      permissions: { allow: ['Bash(agentq claim:*)', 'Bash(agentq prime:*)'] },
      hooks: { Start: [{ hooks: [{ type: 'command', command: 'agentq prime' }] }] },
      mcpServers: { agentq: SERVER },
    });
    expect([added(text), removed(text)]).toEqual([text, undefined]);
  });

  it('stand behind those of others, in their indentation, and comments stay where they are', () => {
    const text = `// ours\r
{\r
    "permissions": {\r
        "allow": ["Read"], // short\r
    },\r
    "hooks": {} /* none */\r
}`;
    expect(added(text)).toBe(`// ours\r
{\r
    "permissions": {\r
        "allow": ["Read", "Bash(agentq claim:*)", "Bash(agentq prime:*)"], // short\r
    },\r
    "hooks": {\r
\r
        "Start": [\r
            {\r
                "hooks": [\r
                    {\r
                        "type": "command",\r
                        "command": "agentq prime"\r
                    }\r
                ]\r
            }\r
        ]\r
    }, /* none */\r
    "mcpServers": {\r
        "agentq": {\r
            "command": "agentq",\r
            "args": [\r
                "mcp"\r
            ]\r
        }\r
    }\r
}`);
    expect(removed(added(text))).toBe(text);
  });

  it('are replaced where an earlier version wrote others', () => {
    const earlier = '{ "hooks": { "Start": [1, { "command": "agentq old" }, 2] }, "mine": 1 }';
    expect(JSON.parse(added(earlier)).hooks.Start).toEqual([
      1,
      2,
      { hooks: [{ type: 'command', command: 'agentq prime' }] },
    ]);
    expect(removed(earlier)).toBe('{ "hooks": { "Start": [1, 2] }, "mine": 1 }');
  });

  it('leave what others wrote under our key', () => {
    const text = '{ "mcpServers": { "agentq": { "command": "other" } } }';
    expect(JSON.parse(added(text)).mcpServers).toEqual({ agentq: { command: 'other' } });
    expect(removed(added(text))).toBe(text);
  });

  it('leave what others added beside them', () => {
    const text = added('{\n  "a": 1\n}\n').replace(
      '"Bash(agentq prime:*)"',
      '"Bash(agentq prime:*)",\n      // mine\n      "Edit"',
    );
    expect(removed(text)).toBe(
      '{\n  "a": 1,\n  "permissions": {\n    "allow": [\n      // mine\n      "Edit"\n    ]\n  }\n}\n',
    );
  });

  it.each([
    ['{\n  "a": 1,\n  b\n}', '3: is not JSON: invalid symbol'],
    ['', '1: is not JSON: value is expected'],
    ['[]', '1: it is not an object'],
    ['{\n "hooks": [] }', '2: `hooks` is not an object'],
    ['{ "permissions": { "allow": "all" } }', '1: `allow` is not a list'],
    ['{ "hooks": {},\n "hooks": {} }', '2: has `hooks` twice'],
    ['['.repeat(100_000), '1: is nested too deeply'],
  ])('are not put into %.40j', (text, words) => {
    expect(added(text)).toBe(words);
  });

  it('come and go without changing a byte of what others wrote', () => {
    fc.assert(
      fc.property(jsonText(), (text) => {
        fc.pre(removed(text) === text);
        const edited = withEntries(text, WANTED);
        if (edited.kind === 'problem') {
          expect(edited.words).toMatch(/is not (an object|a list)|twice/);
          return;
        }
        const now = String(edited.text);
        expect(added(now)).toBe(now);
        expect(removed(now)).toBe(text);
        const { permissions, mcpServers, hooks } = read(now);
        expect(permissions.allow).toEqual(expect.arrayContaining(['Bash(agentq claim:*)', 'Bash(agentq prime:*)']));
        expect([hooks.Start.filter(isHook).length, 'agentq' in mcpServers]).toEqual([1, true]);
      }),
      { numRuns: 150 },
    );
  });
});

function read(text: string): ReturnType<typeof JSON.parse> {
  return parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true });
}

/** A JSON file as people write them: with our names in it, odd whitespace, comments, and a comma too many. */
function jsonText(): fc.Arbitrary<string> {
  const key = fc.constantFrom('permissions', 'allow', 'hooks', 'Start', 'mcpServers', 'agentq', 'a', 'ü"\\');
  const blank = fc.array(
    fc.constantFrom(' ', '\n', '\n', '\t', '  ', '\r\n', '\r', '/* , */', '// {"\n', '// x\r\n', '/*\n*/'),
    { maxLength: 3 },
  );
  const gap = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('', ' ', '\n  ', '\n') },
    { weight: 2, arbitrary: blank.map((parts) => parts.join('')) },
  );
  const { json } = fc.letrec<{ json: string; list: string; map: string }>((tie) => ({
    list: container('[', ']', fc.array(tie('json'), { maxLength: 3 }), gap),
    map: container('{', '}', members(key, tie('json'), gap), gap),
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('1', '"x"', '"Bash(agentq work:*)"', 'null'),
      tie('list'),
      tie('map'),
    ),
  }));
  const named = (names: string[], inner: fc.Arbitrary<string>) =>
    container(
      '{',
      '}',
      fc.subarray(names).chain((some) => fc.tuple(...some.map((name) => member(name, inner, gap)))),
      gap,
    );
  const list = container('[', ']', fc.array(json, { maxLength: 2 }), gap);
  const usual = named(['permissions', 'hooks', 'mcpServers', 'b'], named(['allow', 'Start', 'x'], list));
  const root = fc.oneof(json, usual, usual);
  return fc.tuple(fc.constantFrom('', '', '\uFEFF'), gap, root, gap).map((parts) => parts.join(''));
}

function members(
  key: fc.Arbitrary<string>,
  json: fc.Arbitrary<string>,
  gap: fc.Arbitrary<string>,
): fc.Arbitrary<string[]> {
  return fc.array(
    key.chain((name) => member(name, json, gap)),
    { maxLength: 3 },
  );
}

function member(name: string, json: fc.Arbitrary<string>, gap: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(gap, gap, json).map(([before, after, value]) => `${JSON.stringify(name)}${before}:${after}${value}`);
}

function container(
  open: string,
  close: string,
  inner: fc.Arbitrary<readonly string[]>,
  gap: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  return fc
    .tuple(inner, fc.array(gap, { minLength: 8, maxLength: 8 }), fc.boolean())
    .map(([parts, gaps, isTrailing]) => {
      const comma = isTrailing && parts.length > 0 ? `,${gaps[7]}` : '';
      const text = parts.map((part, index) => `${gaps[2 * index]}${part}${gaps[2 * index + 1]}`).join(',');
      return `${open}${parts.length === 0 ? gaps[0] : text}${comma}${close}`;
    });
}
