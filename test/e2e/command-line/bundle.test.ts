import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scrubbedEnvironment } from '../../kit/processes/run-agentq.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
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

describe('the bundle', () => {
  it('is shipped with a cache for each of its parts, and makes none of its own', async () => {
    await mkdir(join(folder, 'home/.cache'), { recursive: true });
    expect(await shippedCaches()).toHaveLength(4);
    expect(run('claim', '--help').code).toBe(0);
    for (const name of await shippedCaches()) await writeFile(join(folder, 'dist', name), 'of another node');
    expect(run('claim', '--help').code).toBe(0);
    expect(run('list').code).toBe(5);
    expect(await readdir(join(folder, 'home/.cache'))).toEqual([]);
  });

  it.each<[string, (path: string, bytes: Uint8Array) => Promise<void>]>([
    ['that others may write', (path) => chmod(path, 0o666)],
    [
      'that is a link',
      async (path, bytes) => {
        await writeFile(`${path}.elsewhere`, bytes);
        await rm(path);
        await symlink(`${path}.elsewhere`, path);
      },
    ],
    [
      'that is a pipe',
      async (path) => {
        await rm(path);
        spawnSync('mkfifo', [path]);
      },
    ],
  ])('does not run a cache %s', async (_, change) => {
    // Code that says otherwise than the source of the same length whose name it has.
    const bundle = join(folder, 'dist/agentq.cjs');
    const text = await readFile(bundle, 'latin1');
    await writeFile(bundle, text.replaceAll('A task queue for pools', 'B task queue for pools'), 'latin1');
    expect(run('--help').stdout).toContain('A task queue for pools');
    for (const name of await shippedCaches()) {
      const path = join(folder, 'dist', name);
      await change(path, await readFile(path));
    }
    expect(run('--help').stdout).toContain('B task queue for pools');
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
