import { describe, expect, it } from 'vitest';
import { counted, hueOf, initials, prName, rate, safeUrl } from '../../../src/page/format/words.ts';

describe('words', () => {
  it.each([
    ['claude-1', 'C1'],
    ['claude-17', 'C17'],
    ['anna.berg', 'AB'],
    ['gemini', 'GE'],
    ['élan', 'ÉL'],
    ['x', 'X'],
    ['---', '?'],
    ['🚀 rocket', 'RO'],
  ])('shorten %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  it('count', () => {
    expect([counted(1, 'task'), counted(0, 'task'), counted(10_000, 'task')]).toEqual([
      '1 task',
      '0 tasks',
      '10,000 tasks',
    ]);
    expect([rate(12.34), rate(3), rate(250.4)]).toEqual(['12.3', '3', '250']);
  });

  it('name pull requests by their number', () => {
    expect(prName('https://github.com/a/b/pull/231')).toBe('#231');
    expect(prName('https://gitlab.com/a/b/-/merge_requests/7/diffs')).toBe('#7');
    expect(prName('https://example.org/review')).toBe('PR');
  });

  it('give each agent a colour of its own, the same each time', () => {
    const hues = Array.from({ length: 20 }, (_, at) => hueOf(`claude-${at + 1}`));
    expect(hueOf('claude-1')).toBe(hues[0]);
    expect(new Set(hues).size).toBeGreaterThan(15);
    expect(hues.every((hue) => hue >= 0 && hue < 360)).toBe(true);
  });
});

it.each(['javascript:alert(1)', 'data:text/html,x', ' https://x', '//x', 'file:///etc/passwd', null])(
  'makes no link of %s',
  (url) => {
    expect(safeUrl(url)).toBe(null);
  },
);

it('makes links of pages', () => {
  expect(safeUrl('https://github.com/a/b/pull/1')).toBe('https://github.com/a/b/pull/1');
});
