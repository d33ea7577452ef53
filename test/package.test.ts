import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

/** What `npm pack` puts into the package, and what npm does with it on a user's machine. */

const root = fileURLToPath(new URL('..', import.meta.url));
let packed: readonly string[];

beforeAll(() => {
  // Without scripts: `prepack` would rebuild the bundle under the tests that run it.
  const options = ['--dry-run', '--json', '--ignore-scripts'];
  const stdout = execFileSync('npm', ['pack', ...options], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [tarball] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  packed = tarball.files.map(({ path }) => path);
});

describe('the package', () => {
  it('has no script that an installation runs or warns of', () => {
    const { scripts, gypfile } = JSON.parse(readText('package.json'));
    // Of a tarball or a folder npm runs `prepare` too, or warns that it did not.
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(name);
    // From this file npm makes an `install` script of its own.
    expect([gypfile, existsSync(`${root}/binding.gyp`)]).toEqual([undefined, false]);
  });

  it('installs no dependencies', () => {
    expect(JSON.parse(readText('package.json'))).not.toHaveProperty('dependencies');
  });

  it('has what the commands run and install', () => {
    expect(packed).toEqual(expect.arrayContaining(['bin/agentq.js', 'bin/package.json', 'dist/agentq.cjs']));
    expect(packed.filter((path) => path.endsWith('.cache'))).not.toEqual([]);
    expect(packed).toEqual(expect.arrayContaining(['dist/LICENSES.txt', '.agents-core/AGENTS.md']));
    // The page is part of the bundle.
    expect(packed.filter((path) => path.startsWith('dist/page/'))).toEqual([]);
  });

  it('has no sources', () => {
    expect(packed.filter((path) => /^(src|lab|test|scripts)\//.test(path))).toEqual([]);
  });

  it('has no pictures: they would be a quarter of it, and what they show is also said', () => {
    expect(packed.filter((path) => /\.(png|svg|jpe?g|gif|webp)$/.test(path))).toEqual([]);
  });

  it('has every page that help and messages name', () => {
    const chunks = packed.filter((path) => /^dist\/.*\.cjs$/.test(path)).map(readText);
    const named = [...chunks.join('\n').matchAll(/\bdocs\/[\w-]+\.md\b/g)].map(([path]) => path);
    expect(named).not.toEqual([]);
    expect(named.filter((path) => !packed.includes(path))).toEqual([]);
  });

  it('has every page that its pages link to', () => {
    const broken = packed
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) => linksOf(path).map((target) => ({ path, target })))
      // Sources and pictures are for whoever has the repository.
      .filter(({ target }) => !/^(src|lab|test|docs\/pictures)\//.test(target) && !packed.includes(target));
    expect(broken).toEqual([]);
  });
});

/** Files that a page links to, from the root. */
function linksOf(path: string): string[] {
  return [...readText(path).matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => posix.join(posix.dirname(path), target));
}

function readText(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8');
}
