import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitizeJson, sanitizeLine, sanitizeText } from '../../../src/cli/output/sanitize.ts';

/** The first and the last of each range that does something to a terminal or to a reader, and what it is shown as. */
const UNSAFE: readonly (readonly [string, string])[] = [
  ['\u0000', '\\x00'],
  ['\u0007', '\\x07'],
  ['\u0008', '\\x08'],
  ['\u000b', '\\x0b'],
  ['\u001b', '\\x1b'],
  ['\u001f', '\\x1f'],
  ['\u007f', '\\x7f'],
  ['\u0085', '\\x85'],
  ['\u009f', '\\x9f'],
  ['\u061c', '\\u061c'],
  ['\u200b', '\\u200b'],
  ['\u200e', '\\u200e'],
  ['\u200f', '\\u200f'],
  ['\u2028', '\\u2028'],
  ['\u2029', '\\u2029'],
  ['\u202a', '\\u202a'],
  ['\u202e', '\\u202e'],
  ['\u2060', '\\u2060'],
  ['\u2066', '\\u2066'],
  ['\u206f', '\\u206f'],
  ['\ufeff', '\\ufeff'],
  ['\ufff9', '\\ufff9'],
  ['\ufffb', '\\ufffb'],
  ['\u{e0000}', '\\u{e0000}'],
  ['\u{e007f}', '\\u{e007f}'],
  ['\ud800', '\\ud800'],
  ['\udfff', '\\udfff'],
];

const SAFE = [
  ' ',
  '~',
  '\u00a0',
  'ü',
  '\u061b',
  '\u200c',
  '\u200d',
  '\u202f',
  '\u2070',
  '\ufff8',
  '👩‍💻',
  '\u{e0080}',
  '漢',
];

describe('text of others', () => {
  it.each(UNSAFE)('shows %j as %s, in a line and in a text', (character, shown) => {
    expect(sanitizeLine(`a${character}b${character}`)).toBe(`a${shown}b${shown}`);
    expect(sanitizeText(`a${character}b${character}`)).toBe(`a${shown}b${shown}`);
  });

  it.each(SAFE)('keeps %j', (character) => {
    expect(sanitizeLine(`a${character}b`)).toBe(`a${character}b`);
    expect(sanitizeText(`a${character}b`)).toBe(`a${character}b`);
    expect(sanitizeJson(`"a${character}b"`)).toBe(`"a${character}b"`);
  });

  it('stays one line as a line, and keeps its lines as a text', () => {
    expect(sanitizeLine('a\nb\r\nc\td\re')).toBe('a\\nb\\r\\nc\\td\\re');
    expect(sanitizeText('a\nb\r\nc\td\re')).toBe('a\nb\nc\td\\re');
  });

  it('is never more than printable, whatever it was', () => {
    const harmful = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(sanitizeLine(text)).not.toMatch(harmful);
        expect(sanitizeText(text).replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(harmful);
      }),
    );
  });
});

describe('JSON for a terminal', () => {
  it('is the same value, without what a terminal would act on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = sanitizeJson(JSON.stringify({ text }, undefined, 2));
        expect(JSON.parse(shown)).toEqual({ text });
        expect(shown.replaceAll('\n', '')).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u200e\u202a-\u202e\u{e0000}-\u{e007f}]/u,
        );
      }),
    );
  });

  it('writes each half of a character on its own', () => {
    expect(sanitizeJson('"\u{e0041}\u009b\u202e"')).toBe('"\\udb40\\udc41\\u009b\\u202e"');
  });
});
