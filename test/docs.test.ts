import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rowsAfter } from './kit/markdown-table.ts';

/** What the pages say of the repository is written by hand: here is what keeps it true. */

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
const files = ['src', 'lab', 'test', 'scripts', 'bin'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, String(path))),
);
const names = new Set([...readdirSync(root), ...files].map((path) => basename(path)));

it.each(pages)('%s names only files and folders that exist', (page) => {
  const named = [...read(page).matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name);
  const paths = named.filter((name) => /^(src|lab|test|scripts|bin)\//.test(name));
  const alone = named.filter((name) => /^[\w.-]+\.(ts|mjs|cjs|js)$/.test(name));
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(alone.filter((name) => !names.has(name))).toEqual([]);
});

describe('docs/architecture.md', () => {
  const rows = rowsAfter(read('docs/architecture.md'), '| folder ');

  it('has every layer', () => {
    const layers = readdirSync(join(root, 'src')).map((name) => `src/${name}`);
    expect(rows.map(([cell = '']) => cell.replaceAll('`', '')).sort()).toEqual([...layers, 'lab'].sort());
  });

  it.each(rows)('has every folder of %s, and no other', (cell = '', text = '') => {
    const path = join(root, cell.replaceAll('`', ''));
    const listed = [...text.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual(path.endsWith('.ts') ? [] : foldersIn(path));
  });
});

it('CONTRIBUTING.md has every folder of tests', () => {
  const listed = rowsAfter(read('CONTRIBUTING.md'), '| folder ').map(([cell = '']) =>
    basename(cell.replaceAll('`', '')),
  );
  expect(listed.sort()).toEqual(foldersIn(join(root, 'test')));
});

describe('docs/measurements.md', () => {
  const [, ...sections] = read('docs/measurements.md').split(/^## /m);

  it.each(sections.map((text) => [text.split('\n', 1)[0], text]))('says when and how: %s', (_, text) => {
    expect(text).toMatch(/\b\d{4}-\d\d-\d\d\b/);
    expect(text).toMatch(/`(npm run|agentq) |\bby hand\b/);
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function foldersIn(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
