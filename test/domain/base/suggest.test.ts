import { expect, it } from 'vitest';
import { closest } from '../../../src/domain/base/suggest.ts';

const KEYS = ['stalled_after', 'max_releases', 'branch', 'remote'];

it.each([
  ['stalled_afer', 'stalled_after'],
  ['stalledafter', 'stalled_after'],
  ['max_release', 'max_releases'],
  ['brnach', 'branch'],
  ['BRANCH', 'branch'],
  ['remotes', 'remote'],
])('%s probably means %s', (word, meant) => {
  expect(closest(word, KEYS)).toBe(meant);
});

it.each(['', 'colour', 'r', 'completely_different'])('%j means none of them', (word) => {
  expect(closest(word, KEYS)).toBeUndefined();
});
