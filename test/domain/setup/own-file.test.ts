import { expect, it } from 'vitest';
import { ownFile, ownFileState } from '../../../src/domain/setup/own-file.ts';

it.each(['html', 'hash'] as const)('knows of a file of its own whether anybody has changed it: %s', (style) => {
  const wanted = ownFile('new\n', style);
  const earlier = ownFile('old', style);
  expect(ownFileState(undefined, wanted, style)).toBe('absent');
  expect(ownFileState(wanted.replaceAll('\n', '\r\n'), wanted, style)).toBe('current');
  expect(ownFileState(earlier, wanted, style)).toBe('outdated');
  for (const changed of [earlier.replace('old', 'odd'), `${earlier}x\n`, `\n${earlier}`, 'old\n', '', '\n'])
    expect(ownFileState(changed, wanted, style)).toBe('changed');
});
