import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { catFileOnDemand } from '../../../src/git/objects/cat-file.ts';
import { type ObjectReader, openObjects } from '../../../src/git/objects/objects.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const files = Object.fromEntries(
  Array.from({ length: 21 }, (_, index) => [`q/tasks/T-${index}.toon`, `task ${index}\n`]),
);

async function withReader<T>(
  box: Scene,
  dir: string,
  use: (reader: ObjectReader) => Promise<T>,
  log: string[][] = [],
): Promise<T> {
  const reader = openObjects(await box.open(dir, { log }));
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** Reads all files of a folder as a caller would: level by level. */
async function readFolder(reader: ObjectReader, commit: string, folder: string): Promise<Record<string, string>> {
  let oid = await reader.commitTree(commit);
  for (const part of folder.split('/')) {
    const [entries = []] = await reader.readTrees([oid]);
    oid = entries.find(({ name }) => name === part)?.oid ?? '';
  }
  const [entries = []] = await reader.readTrees([oid]);
  const blobs = await reader.readBlobs(entries.map((entry) => entry.oid));
  return Object.fromEntries(
    blobs.map((blob, index) => [entries[index]?.name, blob.kind === 'content' ? blob.bytes.toString() : blob.kind]),
  );
}

const QUEUE = {
  files: { ...files, 'q/claimed/C.toon': 'claimed\n', 'other/file': 'x', top: '' },
  clones: ['clone'],
};

const expected = Object.fromEntries(Object.entries(files).map(([path, text]) => [path.split('/')[2], text]));

describe('ObjectReader', () => {
  it('reads commits, trees and blobs with one process', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    const log: string[][] = [];
    await withReader(
      box,
      'clone',
      async (reader) => {
        expect(await reader.exists(tip)).toBe(true);
        expect(await reader.exists('1'.repeat(40))).toBe(false);
        expect(await readFolder(reader, tip, 'q/tasks')).toEqual(expected);
      },
      log,
    );
    expect(log.filter(([command]) => command === 'cat-file')).toHaveLength(1);
    expect(log).toHaveLength(2);
  });

  it('answers overlapping requests, each with its own', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    await withReader(box, 'clone', async (reader) => {
      const root = await reader.commitTree(tip);
      const [trees, blobs, there, missing] = await Promise.all([
        reader.readTrees([root, root]),
        reader.readBlobs(['1'.repeat(40)]),
        reader.exists(tip),
        reader.exists('2'.repeat(40)),
      ]);
      expect(trees[0]).toEqual(trees[1]);
      expect(trees[0]?.map(({ name }) => name)).toEqual(['other', 'q', 'top']);
      expect(blobs).toEqual([{ kind: 'missing' }]);
      expect([there, missing]).toEqual([true, false]);
    });
  });

  it('tells modes apart and keeps names and bytes as they are', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    await box.git('.', 'init', '-q', 'modes');
    const bytes = randomBytes(100_000);
    const blob = async (content: Buffer | string) => {
      const { writeFile } = await import('node:fs/promises');
      await writeFile(box.path('blob'), content);
      return await box.git('modes', 'hash-object', '-w', '--no-filters', box.path('blob'));
    };
    const oid = await blob(bytes);
    const empty = await blob('');
    const lines = [
      `100644 blob ${oid}\tplain`,
      `100755 blob ${oid}\tscript`,
      `120000 blob ${empty}\tlink`,
      `160000 commit ${tip}\tmodule`,
      `100644 blob ${empty}\tspace and "quote" ümläut\n`,
    ];
    const tree = await box.run(
      box.path('modes'),
      'git',
      ['mktree', '-z', '--missing'],
      lines.map((line) => `${line}\0`).join(''),
    );
    await withReader(box, 'modes', async (reader) => {
      const [entries = []] = await reader.readTrees([tree.stdout.trim()]);
      expect(Object.fromEntries(entries.map(({ name, mode }) => [name, mode]))).toEqual({
        plain: '100644',
        script: '100755',
        link: '120000',
        module: '160000',
        'space and "quote" ümläut\n': '100644',
      });
      expect(await reader.readBlobs([oid, empty])).toEqual([
        { kind: 'content', bytes },
        { kind: 'content', bytes: Buffer.alloc(0) },
      ]);
    });
  });

  it('does not read a blob that is too large', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    const big = await box.run(box.path('clone'), 'git', ['hash-object', '-w', '--stdin'], 'x'.repeat(5_000_000));
    const oid = big.stdout.trim();
    const small = await box.git('clone', 'rev-parse', `${tip}:q/tasks/T-1.toon`);
    await withReader(box, 'clone', async (reader) => {
      expect(await reader.readBlobs([oid, small, oid])).toEqual([
        { kind: 'too-large', size: 5_000_000 },
        { kind: 'content', bytes: Buffer.from('task 1\n') },
        { kind: 'too-large', size: 5_000_000 },
      ]);
      expect(await reader.readBlobs([oid], { maxBytes: 5_000_000 })).toMatchObject([{ kind: 'content' }]);
    });
  });

  it('reads tens of thousands of objects in one request', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    const small = await box.git('clone', 'rev-parse', `${tip}:q/tasks/T-1.toon`);
    await withReader(box, 'clone', async (reader) => {
      const blobs = await reader.readBlobs(new Array(50_000).fill(small));
      expect(blobs).toHaveLength(50_000);
      expect(blobs.every((blob) => blob.kind === 'content' && blob.bytes.length === 7)).toBe(true);
    });
  });

  it('finds what is fetched after it started, loose or packed', async () => {
    await using box = await scene(QUEUE);
    const repository = await box.open('clone');
    const reader = openObjects(repository);
    const later = await box.commitTo('remote.git', 'refs/heads/later', { 'q/tasks/new.toon': 'new\n' });
    expect(await reader.exists(later)).toBe(false);
    await openUpstream(repository, 'origin').fetchCommit('refs/heads/later', later);
    expect(await reader.exists(later)).toBe(true);
    expect(await readFolder(reader, later, 'q/tasks')).toEqual({ 'new.toon': 'new\n' });
    await reader.close();
  });

  it('reads SHA-256 repositories', async () => {
    await using box = await scene(QUEUE);
    await box.bareRemote({ 'q/tasks/T.toon': 'text\n' }, { name: 'sha256.git', format: 'sha256' });
    const commit = await box.git('sha256.git', 'rev-parse', 'develop');
    await withReader(box, 'sha256.git', async (reader) => {
      expect(await readFolder(reader, commit, 'q/tasks')).toEqual({ 'T.toon': 'text\n' });
    });
  });

  it('rejects what is no object id, and what is of another type', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    await withReader(box, 'clone', async (reader) => {
      await expect(reader.exists('HEAD')).rejects.toThrow('is not an object id');
      await expect(reader.readBlobs([`${tip}\n${tip}`])).rejects.toThrow('is not an object id');
      await expect(reader.readTrees([tip])).rejects.toThrow(`${tip} is a commit, not a tree`);
      await expect(reader.commitTree('1'.repeat(40))).rejects.toThrow('missing');
      expect(await reader.readBlobs([tip])).toEqual([{ kind: 'missing' }]);
    });
  });

  it('rejects what is asked after it was closed, and closes twice', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    const reader = openObjects(await box.open('clone'));
    await reader.close();
    await reader.close();
    await expect(reader.exists(tip)).rejects.toThrow('closed');
  });

  it('rejects what is under way when it is aborted', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    const controller = new AbortController();
    const reader = openObjects(await box.open('clone', { signal: controller.signal }));
    await reader.exists(tip);
    controller.abort();
    await expect(reader.exists(tip)).rejects.toMatchObject({ code: 'interrupted' });
    await reader.close();
  });
});

describe('a reader that is started on demand', () => {
  it('is started by the first question, once, and answers like any', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    const log: string[][] = [];
    const repository = await box.open('clone', { log });
    const before = log.length;
    const reader = openObjects(repository, catFileOnDemand(repository.git));
    expect(log.length).toBe(before);
    const [tree, isThere] = await Promise.all([reader.commitTree(tip), reader.exists(tip)]);
    expect([tree, isThere]).toEqual([await box.git('clone', 'rev-parse', `${tip}^{tree}`), true]);
    expect(log.length).toBe(before + 1);
    await reader.close();
  });

  it('is never started where nobody asks, nor after it was closed', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    const log: string[][] = [];
    const repository = await box.open('clone', { log });
    const before = log.length;
    const reader = openObjects(repository, catFileOnDemand(repository.git));
    await reader.close();
    await expect(reader.exists(tip)).rejects.toMatchObject({ code: 'internal' });
    expect(log.length).toBe(before);
  });
});

describe('ObjectReader in a partial clone', () => {
  for (const filter of ['blob:none', 'tree:0', 'blob:limit=5']) {
    it(`fetches missing objects in batches (${filter})`, async () => {
      await using box = await scene(QUEUE);
      const tip = await box.tip();
      const dir = `partial-${filter.replace(/\W/g, '-')}`;
      await box.clone('remote.git', dir, `--filter=${filter}`, '--no-checkout');
      const settings = await box.read(dir, '.git/config');
      const log: string[][] = [];
      const read = () => withReader(box, dir, (reader) => readFolder(reader, tip, 'q/tasks'), log);
      expect(await read()).toEqual(expected);
      const fetches = log.filter(([command]) => command === 'fetch').length;
      expect(fetches).toBeLessThanOrEqual(2);
      expect(await read()).toEqual(expected);
      expect(log.filter(([command]) => command === 'fetch')).toHaveLength(fetches);
      // Nobody else's blobs came along, and nothing was written down.
      const other = await box.git('remote.git', 'rev-parse', `${tip}:other/file`);
      if (filter !== 'blob:limit=5') expect(await missingIn(box, dir, tip)).toContain(`?${other}`);
      expect(await box.read(dir, '.git/config')).toBe(settings);
    });
  }

  it('does not fetch a commit only to see whether it exists', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    await box.clone('remote.git', 'partial-exists', '--filter=tree:0', '--no-checkout');
    const later = await box.commitTo('remote.git', 'refs/heads/more', { x: 'y' });
    const log: string[][] = [];
    await withReader(box, 'partial-exists', async (reader) => expect(await reader.exists(later)).toBe(false), log);
    expect(await missingIn(box, 'partial-exists', later)).toBe('absent');
    await withReader(box, 'partial-exists', async (reader) => expect(await reader.exists(tip)).toBe(true), log);
  });

  it('says so where the remote cannot be reached', async () => {
    await using box = await scene(QUEUE);
    const tip = await box.tip();
    await box.clone('remote.git', 'partial-lost', '--filter=blob:none', '--no-checkout');
    await box.git('partial-lost', 'remote', 'set-url', 'origin', `file://${box.path('gone.git')}`);
    await withReader(box, 'partial-lost', async (reader) => {
      await expect(readFolder(reader, tip, 'q/tasks')).rejects.toMatchObject({ code: 'remote-refused' });
    });
  });
});

/** What is missing of a commit, without fetching it. */
async function missingIn(box: Scene, dir: string, commit: string): Promise<string> {
  const result = await box.tryGit(
    dir,
    'rev-list',
    '--objects',
    '--missing=print',
    '--ignore-missing',
    '--no-walk',
    commit,
  );
  return result.stdout === '' ? 'absent' : result.stdout;
}
