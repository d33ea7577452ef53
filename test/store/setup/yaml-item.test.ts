import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HASH } from '../../../src/domain/setup/section.ts';
import { withItem, withoutItem } from '../../../src/store/setup/yaml-item.ts';

const WANTED = { key: 'read', item: 'X.md' };
const SECTION = `${HASH.begin}\nread:\n  - X.md\n${HASH.end}\n`;

function outcome(edited: ReturnType<typeof withItem>): string | undefined {
  return edited.kind === 'problem' ? `${edited.line}: ${edited.words}` : edited.text;
}

const added = (text: string | undefined) => outcome(withItem(text, WANTED));
const removed = (text: string) => outcome(withoutItem(text, WANTED));

describe('our item in a list of a YAML file', () => {
  it.each([
    ['no file', undefined, SECTION],
    ['no such list', '# mine\nmodel: x # fast', `# mine\nmodel: x # fast\n${SECTION}`],
    ['remarks only', '# model: x\n', `# model: x\n\n${SECTION}`],
    ['a list', 'read:\n  - a # one\n  # two\nb: 1\n', 'read:\n  - a # one\n  - X.md # agentq\n  # two\nb: 1\n'],
    ['a list that ends the file', 'read:\r\n- "a"\r\n- b', 'read:\r\n- "a"\r\n- b\r\n- X.md # agentq'],
    ['brackets', 'read: [a, b] # two', 'read: [a, b, "X.md"] # two'],
    ['brackets in lines', 'read: [\n  a,\n  b, # two\n]\n', 'read: [\n  a,\n  b, "X.md", # two\n]\n'],
    ['empty brackets', 'read: []\n', 'read: ["X.md"]\n'],
  ])('comes and goes: %s', (_, before, after) => {
    expect(added(before)).toBe(after);
    expect(added(after)).toBe(after);
    expect(removed(after)).toBe(before);
  });

  it.each(['read: X.md\n', 'read: [a, X.md]\n', "read:\n  - 'X.md'\n"])('is left where it was: %j', (text) => {
    expect([added(text), removed(text)]).toEqual([text, text]);
  });

  it.each([
    ['a: 1\nread: other.md\n', '2: has `read`, but not as a list'],
    ['read:\n', '1: has a key without a list'],
    ['read: { a: 1 }\n', '1: has an object where a list should be'],
    ['read:\n  - a\n  - b: 1\n', '2: has a list of more than names'],
    ['{ model: x }\n', '1: is not a list of settings'],
    ['a: 1\n...\n', '2: ends its document with a line of its own'],
    ['a: 1\n---\nb: 1\n', '2: has more than one document'],
    ['a: 1\nread: []\nread: []\n', '3: has `read` twice'],
    ['a: 1\nread: [a\n', '2: has a list that does not end'],
  ])('does not go into %j', (text, words) => {
    expect(added(text)).toBe(words);
  });

  it('changes nothing of others', () => {
    const line = fc.constantFrom(
      'model: x',
      'read:',
      '  - a',
      '- b # c',
      'read: [a, ',
      '  b]',
      'read: []',
      '# d',
      '',
      'e: |',
      '  f',
      '  - X.md',
      HASH.begin,
      HASH.end,
      '  ',
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([lines, eol, isEnded]) => lines.join(eol) + (isEnded ? eol : ''));
    fc.assert(
      fc.property(text, (before) => {
        const known = meaning(before);
        fc.pre(known !== undefined);
        const [now, without] = [withItem(before, WANTED), withoutItem(before, WANTED)];
        if (now.kind === 'problem' || without.kind === 'problem') return;
        const text = String(now.text);
        expect([withItem(text, WANTED), withoutItem(text, WANTED)]).toEqual([now, without]);
        const { read, ...others } = meaning(text) ?? {};
        expect(read).toContain('X.md');
        expect(known).toMatchObject(others);
      }),
      { numRuns: 150 },
    );
  });
});

/** undefined: it is not YAML, or says nothing by its keys. */
function meaning(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = parse(text) ?? {};
    return typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
