import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { CommitSpec, TreeChange } from '../../../src/git/objects/commit-spec.ts';
import { buildCommits } from '../../../src/git/objects/fast-import.ts';
import { commitOf, written } from '../../kit/commit-of.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const base = { 'a/one.toon': 'one\n', 'a/two.toon': 'two\n', 'b/deep/three': '3', top: 'top\n' };

async function build(box: Scene, dir: string, parent: string | undefined, ...commits: readonly CommitSpec[]) {
  return buildCommits(await box.open(dir), parent, commits);
}

describe('buildCommits', () => {
  it('builds a chain that touches only what it says', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const before = { refs: await box.refs('clone'), status: await box.git('clone', 'status', '--porcelain') };
    const log: string[][] = [];
    const repository = await box.open('clone', { log });
    const ids = await buildCommits(repository, tip, [
      commitOf([{ path: 'a/one.toon', delete: true }, written('c/one.toon', 'one, claimed\n')]),
      commitOf([{ from: 'a/two.toon', to: 'c/two.toon' }]),
      commitOf([written('c/one.toon', 'again\n'), { path: 'run', mode: '100755', content: Buffer.from('#!\n') }]),
    ]);
    expect(log.filter(([command]) => command !== 'rev-parse' && command !== 'config')).toHaveLength(1);
    expect(ids).toHaveLength(3);
    const [first = '', second = '', third = ''] = ids;
    const { 'a/one.toon': _, ...rest } = base;
    expect(await box.files('clone', first)).toEqual({ ...rest, 'c/one.toon': 'one, claimed\n' });
    expect(await box.files('clone', third)).toEqual({
      'b/deep/three': '3',
      'c/one.toon': 'again\n',
      'c/two.toon': 'two\n',
      run: '#!\n',
      top: 'top\n',
    });
    expect(await box.git('clone', 'rev-list', third)).toBe([third, second, first, tip].join('\n'));
    expect(await box.git('clone', 'ls-tree', third, 'run')).toMatch(/^100755 /);
    expect({ refs: await box.refs('clone'), status: await box.git('clone', 'status', '--porcelain') }).toEqual(before);
    expect(await box.git('clone', 'fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('writes message, names and time as given, without signature or encoding', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    for (const [key, value] of [
      ['i18n.commitEncoding', 'ISO-8859-1'],
      ['commit.gpgSign', 'true'],
      ['user.useConfigOnly', 'true'],
    ] as const) {
      await box.git('clone', 'config', key, value);
    }
    const message = 'Sübject 🙂\n\nBody\nfrom 0000\ndone\n\nKey: value';
    const [id = ''] = await build(box, 'clone', tip, commitOf([written('x', 'y')], { message, timezone: '+0530' }));
    const raw = await box.git('clone', 'cat-file', 'commit', id);
    const tree = await box.git('clone', 'rev-parse', `${id}^{tree}`);
    expect(raw).toBe(
      `tree ${tree}\nparent ${tip}\nauthor agent-1 <agent-1@agentq.invalid> 1750000000 +0530\n` +
        `committer Test User <user@example.com> 1750000000 +0530\n\n${message}`,
    );
  });

  it('lets no name add a line or an address', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const evil = { name: 'a <b@c> 1 +0000\ncommitter x', email: 'x>\nauthor\u0000 <y' };
    const [id = ''] = await build(
      box,
      'clone',
      tip,
      commitOf([written('x', 'y')], { author: evil, committer: { name: '', email: '' } }),
    );
    const author = await box.git('clone', 'log', '-1', '--format=%an|%ae|%cn|%ce', id);
    expect(author).toBe('a b@c 1 +0000 committer x|xauthory||');
    expect(await box.git('clone', 'fsck', '--no-dangling')).toBe('');
  });

  it('writes any path, and no path outside the tree', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const paths = [
      'with space',
      '"quoted"',
      'back\\slash',
      'new\nline',
      'tab\t',
      'ümläut/ß',
      '-dash',
      ' lead',
      'inline',
      '\u0001x',
    ];
    const [id = ''] = await build(box, 'clone', tip, commitOf(paths.map((path) => written(path, path))));
    const moved = paths.map((path): TreeChange => ({ from: path, to: `moved/${path}` }));
    const [second = ''] = await build(box, 'clone', id, commitOf(moved));
    const [third = ''] = await build(
      box,
      'clone',
      second,
      commitOf(paths.map((path) => ({ path: `moved/${path}`, delete: true }))),
    );
    expect(await box.files('clone', second)).toMatchObject(
      Object.fromEntries(paths.map((path) => [`moved/${path}`, path])),
    );
    expect(await box.files('clone', third)).toEqual(base);
    for (const path of ['', '/', 'a/../b', '../x', 'a//b', './a', 'nul\0', '.']) {
      await expect(build(box, 'clone', tip, commitOf([written(path, 'x')])), path).rejects.toMatchObject({
        code: 'internal',
      });
      await expect(build(box, 'clone', tip, commitOf([{ path, delete: true }])), path).rejects.toMatchObject({
        code: 'internal',
      });
    }
  });

  it('keeps bytes, and puts existing blobs in place without their content', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const bytes = Buffer.from([0, 255, 10, 13, 10, 128, 0]);
    const [id = ''] = await build(box, 'clone', tip, commitOf([{ path: 'bin', mode: '100644', content: bytes }]));
    const oid = await box.git('clone', 'rev-parse', `${id}:bin`);
    const hash = await box.run(box.path('clone'), 'sh', [
      '-c',
      "printf '\\000\\377\\n\\r\\n\\200\\000' | git hash-object --stdin",
    ]);
    expect(oid).toBe(hash.stdout.trim());
    const [second = ''] = await build(box, 'clone', tip, commitOf([{ path: 'copy', mode: '100644', oid }]));
    expect(await box.git('clone', 'rev-parse', `${second}:copy`)).toBe(oid);
  });

  it('starts a history where there is no parent, and does nothing where there is nothing to do', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    await box.git('.', 'init', '-q', 'empty');
    const [id = ''] = await build(box, 'empty', undefined, commitOf([written('x', 'y')]));
    expect(await box.files('empty', id)).toEqual({ x: 'y' });
    expect(await box.git('empty', 'rev-list', '--count', id)).toBe('1');
    expect(await build(box, 'empty', undefined)).toEqual([]);
  });

  it('leaves nothing behind where git refuses', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const entries = async () =>
      (await readdir(box.path('clone/.git'))).filter((name) => name !== 'COMMIT_EDITMSG').sort();
    const before = await entries();
    const refs = await box.refs('clone');
    for (const [parent, change, code] of [
      ['1'.repeat(40), written('x', 'y'), 'repository-damaged'],
      [tip, { path: 'x', mode: '100644', oid: '1'.repeat(40) }, 'repository-damaged'],
      [tip, { from: 'nothing/here', to: 'y' }, 'internal'],
    ] as const) {
      await expect(build(box, 'clone', parent, commitOf([change]))).rejects.toMatchObject({ code });
    }
    expect(await entries()).toEqual(before);
    expect(await box.refs('clone')).toEqual(refs);
  });

  it('works on SHA-256, in a linked worktree, and in shallow and partial clones', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    await box.bareRemote(base, { name: 'sha256.git', format: 'sha256' });
    const long = await box.git('sha256.git', 'rev-parse', 'develop');
    const [id = ''] = await build(box, 'sha256.git', long, commitOf([written('x', 'y')]));
    expect(await box.files('sha256.git', id)).toEqual({ ...base, x: 'y' });
    expect(Object.keys(await box.refs('sha256.git'))).toEqual(['refs/heads/develop']);

    await box.git('clone', 'worktree', 'add', '-q', '--detach', '../linked');
    const { x: _, ...files } = { ...base, x: '' };
    for (const [dir, ...options] of [
      ['linked'],
      ['shallow', '--depth=1'],
      ['blobless', '--filter=blob:none', '--no-checkout'],
      ['treeless', '--filter=tree:0', '--no-checkout'],
    ] as const) {
      if (options.length > 0) await box.clone('remote.git', dir, ...options);
      const [commitId = ''] = await build(
        box,
        dir,
        tip,
        commitOf([{ from: 'a/one.toon', to: 'c/one.toon' }, written('c/two', '2')]),
      );
      const { 'a/one.toon': one, ...others } = files;
      expect(await box.files(dir, commitId)).toEqual({ ...others, 'c/one.toon': one, 'c/two': '2' });
    }
  });

  it('lets 50 processes build in one clone at once, next to packed refs', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    await box.git('clone', 'pack-refs', '--all');
    const before = await box.refs('clone');
    const built = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        build(box, 'clone', tip, commitOf([written(`n/${index}`, 'x')]), commitOf([written('m', 'y')])),
      ),
    );
    expect(new Set(built.flat()).size).toBe(100);
    expect(await box.refs('clone')).toEqual(before);
    const left = await readdir(box.path('clone/.git/objects/pack'));
    expect(left.filter((name) => name.startsWith('tmp'))).toEqual([]);
  });

  it('starts nothing when aborted before, and finishes when aborted during', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const controller = new AbortController();
    const repository = await box.open('clone', { signal: controller.signal });
    const building = buildCommits(repository, tip, [commitOf([written('x', 'y')])]);
    controller.abort();
    await expect(building).resolves.toHaveLength(1);
    await expect(buildCommits(repository, tip, [commitOf([])])).rejects.toMatchObject({ code: 'interrupted' });
    const left = await readdir(box.path('clone/.git/objects/pack'));
    expect(left.filter((name) => name.startsWith('tmp'))).toEqual([]);
  });
});
