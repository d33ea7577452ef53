import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BLOCKS } from '../lab/reference/blocks.ts';
import { blocksIn, filled } from '../lab/reference/fill.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { EXIT_CODES, SIGNAL_EXIT_CODES } from '../src/cli/output/exit-codes.ts';
import { EXIT_CODE_REFERENCE } from '../src/cli/reference/exit-codes.ts';
import { SETTINGS } from '../src/cli/reference/settings.ts';
import { SETTING_KEYS } from '../src/store/reading/settings.ts';
import { rowsAfter } from './kit/markdown-table.ts';

/** What keeps the README and the reference whole, and true to the declarations. */

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));

describe('the README lists', () => {
  it('every dependency', () => {
    const { dependencies = {}, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
    const listed = [...firstCells('package'), ...firstCells('to develop')].map((cell) => /^\[(.+)\]/.exec(cell)?.[1]);
    expect(listed.sort()).toEqual(names.map((name) => (name === '@biomejs/biome' ? 'biome' : name)).sort());
  });

  it('every page', () => {
    const listed = firstCells('page').map((cell) => /\((.+)\)$/.exec(cell)?.[1]);
    expect(listed.sort()).toEqual(pages.map((name) => `docs/${name}`).sort());
  });
});

describe('the reference', () => {
  it.each(pages)('in docs/%s says what the declarations say', (name) => {
    const page = readPage(name);
    expect(page, 'run `npm run docs`').toBe(filled(page));
  });

  it('has a place for everything that is declared', () => {
    expect(pages.flatMap((name) => blocksIn(readPage(name))).sort()).toEqual(Object.keys(BLOCKS).sort());
  });

  it('explains every setting that is read', () => {
    expect(SETTINGS.map(({ key }) => key).sort()).toEqual([...SETTING_KEYS].sort());
  });

  it('explains every exit code', () => {
    const given = [0, ...Object.values(EXIT_CODES), ...Object.values(SIGNAL_EXIT_CODES)];
    const explained = EXIT_CODE_REFERENCE.flatMap(({ codes }) => codes);
    expect(explained).toEqual([...new Set(given)].sort((a, b) => a - b));
  });

  it('names pages and headings that are there', () => {
    const named = [...COMMANDS, ...SETTINGS].flatMap(({ page }) => page ?? []);
    expect(named.filter((page) => !exists('README.md', page))).toEqual([]);
  });
});

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages.map((name) => `docs/${name}`)];

it.each(documents)('%s links to files and headings that exist', (path) => {
  const text = readFileSync(join(root, path), 'utf8');
  const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !exists(path, target));
  expect(broken).toEqual([]);
});

function exists(from: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const path = file === '' ? join(root, from) : join(root, dirname(from), file);
  if (!existsSync(path)) return false;
  return heading === undefined || headings(readFileSync(path, 'utf8')).includes(heading);
}

/** Names of headings in links, as GitHub makes them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function readPage(name: string): string {
  return readFileSync(join(root, 'docs', name), 'utf8');
}

/** The rows of the table whose first column has this title, without its head. */
function tableAfter(title: string): string[][] {
  return rowsAfter(readme, `| ${title} `);
}

function firstCells(title: string): string[] {
  return tableAfter(title).map(([cell]) => bare(cell));
}

function bare(cell = ''): string {
  return cell.replace(/^`(.*)`$/, '$1');
}
