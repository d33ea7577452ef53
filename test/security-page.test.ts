import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('names a test that is there for every defence of docs/security.md', () => {
  const page = readFileSync(`${root}docs/security.md`, 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:-|what )/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  const tests = rows.flatMap((row) => {
    const named = [...(row.split(' | ').at(-1) ?? '').matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
    return named.length > 0 ? named : [`no test: ${row}`];
  });
  expect(tests.filter((path) => !existsSync(root + path))).toEqual([]);
});
