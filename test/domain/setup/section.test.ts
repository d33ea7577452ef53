import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Edited,
  HASH,
  MARKDOWN,
  type Problem,
  withoutSection,
  withSection,
} from '../../../src/domain/setup/section.ts';

const BODY = '## Tasks\n\nRun `agentq prime`.\n';
const SECTION = `${MARKDOWN.begin}\n## Tasks\n\nRun \`agentq prime\`.\n${MARKDOWN.end}\n`;

/** The text; a problem as `line: words`. */
function outcome(edited: Edited | Problem): string | undefined {
  return edited.kind === 'problem' ? `${edited.line}: ${edited.words}` : edited.text;
}

const added = (text: string | undefined) => outcome(withSection(text, BODY, MARKDOWN));
const removed = (text: string) => outcome(withoutSection(text, MARKDOWN));

describe('our section', () => {
  it.each([
    ['a new file', undefined, SECTION],
    ['an empty file', '', `\n${SECTION}`],
    ['a file', 'Be kind.\n', `Be kind.\n\n${SECTION}`],
    ['a file without a line break at its end', 'Be kind.', `Be kind.\n${SECTION}`],
    ['a file from Windows', 'Be\r\nkind.\r\n', `Be\r\nkind.\r\n\r\n${SECTION.replaceAll('\n', '\r\n')}`],
    ['a byte order mark', '\uFEFF', `\uFEFF\n${SECTION}`],
  ])('is at the end of %s, once, and goes again', (_, before, after) => {
    expect(added(before)).toBe(after);
    expect(added(after)).toBe(after);
    expect(removed(after)).toBe(before);
  });

  it('is replaced where it stands, in the line breaks that it has', () => {
    const earlier = `${MARKDOWN.begin.replace(/ \(.*\)/, ' (0.1)')}\r\nold\r\n${MARKDOWN.end}`;
    const now = SECTION.trimEnd().replaceAll('\n', '\r\n');
    expect(added(`a\n\n${earlier}\r\nb\n`)).toBe(`a\n\n${now}\r\nb\n`);
    expect(added(`a\n${earlier}`)).toBe(`a\n${now}`);
    expect(removed(`a\r\n${earlier}`)).toBe('a');
  });

  it('does not join lines when what came after it stays', () => {
    expect(removed(`a\n${SECTION}b`)).toBe('a\nb');
    expect(removed(`a\n\n${SECTION}b`)).toBe('a\nb');
    expect(removed(`${SECTION}b`)).toBe('b');
  });

  it.each([
    ['only its beginning', `a\n${MARKDOWN.begin}\nb\n`, '2: begins an agentq section that does not end'],
    ['only its end', `a\n\n${MARKDOWN.end}\n`, '3: ends an agentq section that does not begin'],
    ['it twice', `${SECTION}a\n${SECTION}`, '7: is one marker of agentq too many'],
    ['two beginnings', `${MARKDOWN.begin}\n${SECTION}`, '1: begins an agentq section that does not end'],
    ['it in code that does not end', `\`\`\`\n${SECTION}`, '1: begins a block of code that does not end'],
  ])('is not guessed in a file with %s', (_, text, words) => {
    expect([added(text), removed(text)]).toEqual([words, words]);
  });

  it('does not go into code that does not end', () => {
    const text = 'a\n~~~ md\n```\n~~\n';
    expect([added(text), removed(text)]).toEqual(['2: begins a block of code that does not end', text]);
  });

  it('is not what a block of code shows', () => {
    const shown = `\`\`\`\`md\n\`\`\`\n${SECTION}\`\`\`\n\`\`\`\`\n\n- x\n    ~~~\n${MARKDOWN.begin}\n    ~~~\n`;
    expect(added(shown)).toBe(`${shown}\n${SECTION}`);
    expect(removed(`${shown}\n${SECTION}`)).toBe(shown);
  });

  it.each([
    ['Markdown', MARKDOWN],
    ['TOML and YAML', HASH],
  ])('comes and goes without changing a byte of others: %s', (_, markers) => {
    const line = fc.constantFrom(
      '',
      'a',
      '```',
      '````',
      '~~~ x',
      '    ```',
      ' ',
      '\r',
      '\u00ef\u00bb\u00bf',
      `> ${markers.begin}`,
      ` ${markers.end}`,
      markers.begin,
      markers.end,
    );
    const eol = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '');
    const text = fc.array(fc.tuple(line, eol)).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(fc.constantFrom('', '\uFEFF'), text, fc.constantFrom(BODY, 'x', 'x\n\ny\n'), (bom, rest, body) => {
        const before = bom + rest;
        const now = withSection(before, body, markers);
        const without = withoutSection(before, markers);
        if (now.kind === 'problem' || without.kind === 'problem') return;
        expect(withSection(now.text, body, markers)).toEqual(now);
        // What looked like our section was ours, and what was outside stays.
        expect(withoutSection(String(now.text), markers)).toEqual(without);
      }),
      { numRuns: 1000 },
    );
  });
});
