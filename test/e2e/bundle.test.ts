import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scrubbedEnvironment } from '../support/run-agentq.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'agentq-bundle-')));
  for (const part of ['bin', 'dist', 'package.json']) {
    await cp(join(repository, part), join(folder, part), { recursive: true });
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the copy of the package, with a home of its own. */
function run(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const env = { ...scrubbedEnvironment(), HOME: join(folder, 'home') };
  const options = { cwd: folder, env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/agentq.js'), ...args], options);
  return { code: status, stdout, stderr };
}

async function shippedCaches(): Promise<string[]> {
  return (await readdir(join(folder, 'dist'))).filter((name) => name.endsWith('.cache')).sort();
}

/** Caches that runs on this machine have made, with when they were written. */
async function ownCaches(): Promise<ReadonlyMap<string, number>> {
  const path = join(folder, 'home/.cache/agentq');
  const names = (await readdir(path).catch(() => [])).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, (await stat(join(path, name))).mtimeMs] as const)));
}

describe('the bundle', () => {
  it('is shipped with a cache for each of its parts, which runs use and do not write again', async () => {
    await mkdir(join(folder, 'home/.cache'), { recursive: true });
    expect(await shippedCaches()).toHaveLength(4);
    expect(run('claim', '--help').code).toBe(0);
    expect(run('list').code).toBe(5);
    expect(await ownCaches()).toEqual(new Map());
  });

  it('makes caches of its own where those that are shipped are of another node, once', async () => {
    await mkdir(join(folder, 'home/.cache'), { recursive: true });
    for (const name of await shippedCaches()) await writeFile(join(folder, 'dist', name), 'of another node');
    const usual = run('claim', '--help');
    expect(usual.code).toBe(0);
    const made = await ownCaches();
    expect([...made.keys()]).toHaveLength(1);
    expect(run('claim', '--help')).toEqual(usual);
    expect(await ownCaches()).toEqual(made);
    // Parts that were not needed so far.
    expect(run('list').code).toBe(5);
    expect((await ownCaches()).size).toBeGreaterThan(1);
  });

  it('works without any cache, and where none can be kept', async () => {
    for (const name of await shippedCaches()) await rm(join(folder, 'dist', name));
    expect(run('list')).toMatchObject({ code: 5, stderr: expect.stringContaining('not in a git repository') });
    expect(await readdir(folder)).not.toContain('home');
  });

  it('is not run with the cache of another bundle, even one of the same length', async () => {
    const path = join(folder, 'dist/agentq.cjs');
    const text = await readFile(path, 'latin1');
    // What the build gives for a changed source: another id.
    const id = /"id":"(\w+)"/.exec(text)?.[1] ?? '';
    const other = text.replaceAll('A task queue for pools', 'B task queue for pools');
    expect([id.length, other.length]).toEqual([16, text.length]);
    expect(other).not.toBe(text);
    await writeFile(path, other.replace(id, 'f'.repeat(16)), 'latin1');
    expect(run('--help').stdout).toContain('B task queue for pools');
  });

  it.each([
    ['that is cut off', (text: string) => text.slice(0, 100_000)],
    ['that is empty', () => ''],
    ['that is something else', () => `${'x'.repeat(300)}\n`],
  ])('says of one %s that it must be installed again', async (_, damage) => {
    const path = join(folder, 'dist/agentq.cjs');
    await writeFile(path, damage(await readFile(path, 'latin1')), 'latin1');
    const { code, stdout, stderr } = run('claim', 'agent-1');
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(/^agentq: \S+agentq\.cjs cannot be loaded, install it again: .*\n$/);
  });

  it('says where it was not built', async () => {
    await rm(join(folder, 'dist'), { recursive: true });
    expect(run('claim', 'agent-1')).toEqual({
      code: 5,
      stdout: '',
      stderr: 'agentq is not built in this checkout: run `npm run build` in it first.\n',
    });
  });
});
