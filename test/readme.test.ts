import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ArgumentDeclaration } from '../src/cli/command/declaration.ts';
import { ENVIRONMENT } from '../src/cli/command/environment.ts';
import { GLOBAL_OPTIONS } from '../src/cli/command/shared-options.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { LAYOUT_NAMES, locationOf } from '../src/domain/queue/layouts.ts';
import { SETTING_KEYS } from '../src/store/reading/settings.ts';
import { rowsAfter } from './kit/markdown-table.ts';

/** The reference part of the README is written by hand: here is what keeps it whole. */

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README lists', () => {
  it('every command, with its arguments and no others', () => {
    const usages = COMMANDS.map(({ name, args }) => [name, ...args.map(usageOf)].join(' '));
    expect(firstCells('command').sort()).toEqual(usages.sort());
  });

  it('every option that all commands have', () => {
    expect(firstCells('option')).toEqual(GLOBAL_OPTIONS.map(({ flags }) => flags));
  });

  it('every setting', () => {
    expect(firstCells('setting').sort()).toEqual([...SETTING_KEYS].sort());
  });

  it('every environment variable, with the option it stands for', () => {
    const listed = tableAfter('variable').map(([name, flag]) => ({ name: bare(name), flag: bare(flag) }));
    expect(listed).toEqual(ENVIRONMENT.map(({ name, flag = '' }) => ({ name, flag })));
  });

  it('every exit code', () => {
    expect(firstCells('code')).toEqual(['0', '1', '2', '3', '4', '5', '6', '64', '130, 143']);
  });

  it('every layout, with its folders', () => {
    const listed = tableAfter('layout').map(([name, ...folders]) => [
      name,
      ...folders.map((cell) => /^`([^`]+)`/.exec(cell)?.[1]),
    ]);
    const folders = LAYOUT_NAMES.map((layout) => [layout, ...Object.values(locationOf(layout, '<project>').folders)]);
    expect(listed.sort()).toEqual(folders.sort());
  });

  it('every dependency', () => {
    const { dependencies = {}, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
    const listed = [...firstCells('package'), ...firstCells('to develop')].map((cell) => /^\[(.+)\]/.exec(cell)?.[1]);
    expect(listed.sort()).toEqual(names.map((name) => (name === '@biomejs/biome' ? 'biome' : name)).sort());
  });
});

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
];

it.each(documents.filter((path) => path.endsWith('.md')))('%s links to files and headings that exist', (path) => {
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

function usageOf({ name, need }: ArgumentDeclaration): string {
  if (need === 'many') return `[${name}...]`;
  return need === 'required' ? `<${name}>` : `[${name}]`;
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
