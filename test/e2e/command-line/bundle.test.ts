import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NODE, scrubbedEnvironment } from '../../kit/processes/run-agentq.ts';

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
  const { status, stdout, stderr } = spawnSync(NODE, [join(folder, 'bin/agentq.js'), ...args], options);
  return { code: status, stdout, stderr };
}

async function shipped(ending: '.cjs' | '.cache'): Promise<string[]> {
  return (await readdir(join(folder, 'dist'))).filter((name) => name.endsWith(ending)).sort();
}

/** Makes another word of the help than the one that is in the bundle, in the same number of bytes. */
async function changeHelp(): Promise<void> {
  for (const name of await shipped('.cjs')) {
    const path = join(folder, 'dist', name);
    const text = await readFile(path, 'latin1');
    await writeFile(path, text.replaceAll('A task queue for pools', 'B task queue for pools'), 'latin1');
  }
}

describe('the bundle', () => {
  it('is shipped with a cache for each of its chunks, and makes none of its own', async () => {
    await mkdir(join(folder, 'home/.cache'), { recursive: true });
    const chunks = (await shipped('.cjs')).filter((name) => name !== 'agentq.cjs');
    expect(chunks.length).toBeGreaterThanOrEqual(4);
    expect(await shipped('.cache')).toEqual(chunks.map((name) => `${name}.cache`));
    expect(run('claim', '--help').code).toBe(0);
    for (const name of await shipped('.cache')) await writeFile(join(folder, 'dist', name), 'of another node');
    expect(run('claim', '--help').code).toBe(0);
    expect(run('list').code).toBe(5);
    expect(await readdir(join(folder, 'home/.cache'))).toEqual([]);
  });

  // Another node than the one that built the bundle runs none of its caches.
  it.skipIf(NODE !== process.execPath).each<[string, (path: string, bytes: Uint8Array) => Promise<void>]>([
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
    await changeHelp();
    expect(run('--help').stdout).toContain('A task queue for pools');
    for (const name of await shipped('.cache')) {
      const path = join(folder, 'dist', name);
      await change(path, await readFile(path));
    }
    expect(run('--help').stdout).toContain('B task queue for pools');
  });

  it('works without any cache, and where none can be kept', async () => {
    for (const name of await shipped('.cache')) await rm(join(folder, 'dist', name));
    expect(run('list')).toMatchObject({ code: 5, stderr: expect.stringContaining('not in a git repository') });
    expect(await readdir(folder)).not.toContain('home');
  });

  it('is not run with the cache of another bundle, even one of the same length', async () => {
    await changeHelp();
    // What the build gives for changed sources: other names, also where chunks name each other.
    const names = await shipped('.cjs');
    for (const name of names) {
      const path = join(folder, 'dist', name);
      const text = (await readFile(path, 'latin1')).replaceAll(CHUNK, renamed);
      await rm(path);
      await writeFile(join(folder, 'dist', name.replace(CHUNK, renamed)), text, 'latin1');
    }
    expect((await shipped('.cjs')).filter((name) => names.includes(name))).toEqual(['agentq.cjs']);
    expect(run('--help').stdout).toContain('B task queue for pools');
  });

  it('goes on where another is installed in its place', async () => {
    const script = `
      const { rmSync } = require('node:fs');
      const { openBundle } = require(process.argv[1] + '/bin/agentq.js');
      const { main } = openBundle(process.argv[1] + '/dist/agentq.cjs').load();
      rmSync(process.argv[1] + '/dist', { recursive: true });
      const stdout = { write: (text) => process.stdout.write(text), isTerminal: false };
      const io = { stdout, stderr: stdout, cwd: process.argv[1], signal: new AbortController().signal };
      main(['list'], io, process.env).then((code) => process.exit(code));
    `;
    const { status, stdout } = spawnSync(NODE, ['-e', script, folder], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toContain('not in a git repository');
    expect(status).toBe(5);
  });

  describe.each([
    ['that is cut off', (text: string) => text.slice(0, text.length / 2)],
    ['that is empty', () => ''],
    ['that is something else', () => `${'x'.repeat(300)}\n`],
  ])('with a file %s', (_, damage) => {
    it.each(['agentq', 'open-branches'])('says that it must be installed again: %s', async (start) => {
      await damaged(start, damage);
      const { code, stdout, stderr } = run('claim', 'agent-1');
      expect([code, stdout]).toEqual([5, '']);
      expect(stderr).toMatch(/^agentq: \S+agentq\.cjs cannot be loaded, install it again: .*\n$/);
    });

    it.each(['carry-out', 'start-git', 'rest'])('has no answer where it is needed later: %s', async (start) => {
      await damaged(start, damage);
      const { code, stdout } = run('list');
      expect([code, stdout]).toEqual([5, '']);
    });
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

/** Damages the one file of the bundle whose name begins so. */
async function damaged(start: string, damage: (text: string) => string): Promise<void> {
  const [name, ...others] = (await shipped('.cjs')).filter((each) => each.startsWith(start));
  expect(others).toEqual([]);
  const path = join(folder, 'dist', name ?? '');
  await writeFile(path, damage(await readFile(path, 'latin1')), 'latin1');
}

/** The end of a chunk's name, which tells what is in it. */
const CHUNK = /-[\w-]{8}\.cjs/g;

function renamed(end: string): string {
  return `-${[...end.slice(1, 9)].reverse().join('')}.cjs`;
}
