import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CHECK_IDS } from '../../../src/domain/health/check.ts';
import { rowsAfter } from '../../kit/markdown-table.ts';

it('docs/doctor.md explains every check, in the order in which they are made', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/doctor.md', import.meta.url)), 'utf8');
  expect(rowsAfter(page, '| check ').map(([cell = '']) => cell.replaceAll('`', ''))).toEqual(CHECK_IDS);
});
