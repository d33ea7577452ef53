import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runtimeFolder } from '../../src/machine/runtime-folder.ts';
import { claimIntent, openedQueue, tipOf } from '../kit/engine/machine.ts';
import { type Scene, scene } from '../kit/scene/scene.ts';

/** Where processes of one user meet. Whatever is wrong with that place, it is a claim more slowly, and never a failure. */

const SOURCE = new URL('../../src/machine/runtime-folder.ts', import.meta.url).href;
const TSX = import.meta.resolve('tsx');

const isRoot = process.getuid?.() === 0;

/** Ways in which the folder cannot be used, each made in a fresh runtime directory. Modes do not stop root, these do. */
const UNUSABLE: readonly (readonly [string, (dir: string) => Promise<string>])[] = [
  [
    'others may enter it',
    async (dir) => {
      await mkdir(join(dir, 'agentq'));
      await chmod(join(dir, 'agentq'), 0o755);
      return dir;
    },
  ],
  [
    'others may write to it',
    async (dir) => {
      await mkdir(join(dir, 'agentq'));
      await chmod(join(dir, 'agentq'), 0o1777);
      return dir;
    },
  ],
  [
    'it is a file',
    async (dir) => {
      await writeFile(join(dir, 'agentq'), '');
      return dir;
    },
  ],
  [
    'it is a link, even to a folder of ours',
    async (dir) => {
      await mkdir(join(dir, 'elsewhere'), { mode: 0o700 });
      await symlink(join(dir, 'elsewhere'), join(dir, 'agentq'));
      return dir;
    },
  ],
  ['there is no place to make it in', async (dir) => join(dir, 'missing')],
  ['nothing can be made there', async () => '/proc'],
  [
    'there is a file where it should be made',
    async (dir) => {
      await writeFile(join(dir, 'file'), '');
      return join(dir, 'file');
    },
  ],
];

describe('the runtime folder', () => {
  it('is made for us alone, and found again', async () => {
    await using box = await scene();
    const dir = await box.folder('runtime');
    expect(runtimeFolder({ XDG_RUNTIME_DIR: dir })).toBe(join(dir, 'agentq'));
    expect((await stat(join(dir, 'agentq'))).mode & 0o777).toBe(0o700);
    expect(runtimeFolder({ XDG_RUNTIME_DIR: dir })).toBe(join(dir, 'agentq'));
  });

  it.each([
    ['not set', undefined],
    ['relative', 'run'],
    ['empty', ''],
  ])('is in the temporary folder where XDG_RUNTIME_DIR is %s', async (_what, value) => {
    await using box = await scene();
    const dir = await box.folder('runtime');
    const name = `agentq-${process.getuid?.() ?? 'user'}`;
    expect(runtimeFolder({ XDG_RUNTIME_DIR: value, TMPDIR: dir })).toBe(join(dir, name));
  });

  it.each([
    ['empty', ''],
    ['relative', 'tmp'],
  ])('is never in the current folder: TMPDIR is %s', async (_what, TMPDIR) => {
    await using box = await scene();
    const here = await box.folder('runtime');
    await mkdir(join(here, 'tmp'));
    const script = `import { runtimeFolder } from '${SOURCE}'; process.stdout.write(runtimeFolder(process.env) ?? '')`;
    const variables = [`TMPDIR=${TMPDIR}`, 'XDG_RUNTIME_DIR='];
    const { stdout } = await box.run(here, 'env', [...variables, process.execPath, '--import', TSX, '-e', script]);
    expect(stdout).toBe(`/tmp/agentq-${process.getuid?.() ?? 'user'}`);
    const made = await readdir(here, { recursive: true });
    expect(made.filter((name) => name.includes('agentq'))).toEqual([]);
  });

  it.each(UNUSABLE)('is not used where %s', async (_what, make) => {
    await using box = await scene();
    expect(runtimeFolder({ XDG_RUNTIME_DIR: await make(await box.folder('runtime')) })).toBeUndefined();
  });

  it.runIf(isRoot)('is not used where it belongs to somebody else', async () => {
    await using box = await scene();
    const dir = await box.folder('runtime');
    await mkdir(join(dir, 'agentq'), { mode: 0o700 });
    await chown(join(dir, 'agentq'), 12345, 12345);
    expect(runtimeFolder({ XDG_RUNTIME_DIR: dir })).toBeUndefined();
  });
});

describe('a claim', () => {
  async function claimWith(box: Scene, XDG_RUNTIME_DIR: string): Promise<void> {
    const { remote } = box;
    const before = await tipOf(box, remote);
    await using opened = await openedQueue(box, 'clone', { env: { XDG_RUNTIME_DIR }, pushLimit: 1 });
    const { outcome } = await opened.queue.submit(claimIntent('a1'));
    expect(outcome.kind).toBe('claimed');
    expect(await box.git(remote, 'rev-parse', 'develop^')).toBe(before);
  }

  it.each(UNUSABLE)('needs no runtime folder: %s', async (_what, make) => {
    await using box = await scene({ tasks: 20, clones: ['clone'] });
    await claimWith(box, await make(await box.folder('runtime')));
  });

  it('needs none that is short enough for sockets', async () => {
    await using box = await scene({ tasks: 20, clones: ['clone'] });
    for (const length of [80, 150]) {
      const dir = join(await box.folder(`runtime-${length}`), 'x'.repeat(length));
      await mkdir(dir);
      await claimWith(box, dir);
    }
  });

  it.each([
    ['file', (path: string) => writeFile(path, '')],
    ['folder', (path: string) => mkdir(path)],
    ['folder with files', (path: string) => mkdir(path).then(() => writeFile(join(path, 'file'), ''))],
    ['link to nowhere', (path: string) => symlink('/nowhere', path)],
  ])('is not stopped by a %s in the place of a socket', async (_what, make) => {
    await using box = await scene({ tasks: 20, clones: ['clone'] });
    const dir = await box.folder('runtime');
    const folder = join(dir, 'agentq');
    // The names are found out by looking at what a claim makes.
    const { names } = await socketNames(box, dir);
    expect(names.map((name) => name.replace(/^.*\./, '')).sort()).toEqual(['seat-0', 'sock']);
    for (const name of names) await make(join(folder, name));
    await claimWith(box, dir);
  });

  async function socketNames(box: Scene, dir: string): Promise<{ names: readonly string[] }> {
    const { readdirSync } = await import('node:fs');
    const names = new Set<string>();
    await using opened = await openedQueue(box, 'clone', {
      env: { XDG_RUNTIME_DIR: dir },
      pushLimit: 1,
      onGitProcess() {
        for (const name of readdirSync(join(dir, 'agentq'))) names.add(name);
      },
    });
    await opened.queue.submit(claimIntent('a1'));
    return { names: [...names] };
  }
});
