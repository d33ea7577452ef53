import { expect, it } from 'vitest';
import { blocksIn, filled } from '../../../lab/reference/fill.ts';

const page = 'Before\n\n<!-- npm run docs: exit codes -->\noutdated words\n<!-- end -->\n\nafter\n';

it('replaces what is in a block, and nothing else', () => {
  const text = filled(page);
  expect(text).toMatch(/^Before\n\n<!-- npm run docs: exit codes -->\n\n\| code /);
  expect(text).toMatch(/\|\n\n<!-- end -->\n\nafter\n$/);
  expect(text).not.toContain('outdated');
  expect(filled(text)).toBe(text);
});

it('knows the blocks of a page', () => {
  expect(blocksIn(page)).toEqual(['exit codes']);
});

it('refuses a block that nothing is known of', () => {
  expect(() => filled(page.replace('exit codes', 'exits'))).toThrow('no block exits: known are ');
});
