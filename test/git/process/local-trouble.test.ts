import { chmod, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { buildCommits } from '../../../src/git/objects/fast-import.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { localTrouble, machineTrouble, troubleIn } from '../../../src/git/process/local-trouble.ts';
import { sweepDrafts } from '../../../src/git/repository/leftovers.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { GitQueueStore } from '../../../src/store/git-queue-store.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const BRANCH = 'refs/heads/develop';
const OID = '1'.repeat(40);

describe('what git says of this machine', () => {
  it.each<[string, string, boolean]>([
    ['fatal: write error: No space left on device', 'df -h', true],
    ['error: unable to write file .git/objects/11/1: Disk quota exceeded', 'df -h', true],
    ['error: unable to create temporary file: Read-only file system', 'mount it writable', false],
    ['error: insufficient permission for adding an object to repository database .git/objects', 'who owns', false],
    ["fatal: cannot lock ref 'x': Unable to create '/c/.git/x.lock': Permission denied", 'who owns', false],
    ['fatal: unable to fork: Resource temporarily unavailable', 'ulimit -u', true],
    ['error: cannot fork() for git-remote-https: Resource temporarily unavailable', 'ulimit -u', true],
    ['fatal: unable to create thread: Resource temporarily unavailable', 'ulimit -u', true],
    ['fatal: Out of memory, malloc failed (tried to allocate 12 bytes)', 'ulimit -v', true],
    ['fatal: mmap failed: Cannot allocate memory', 'ulimit -v', true],
    ['error: cannot create pipe for git: Too many open files', 'ulimit -n', true],
  ])('%s', (said, hint, passing) => {
    const failure = localTrouble(`Receiving objects: 50%\r${said}\nfatal: the remote end hung up unexpectedly\n`);
    expect(failure).toMatchObject({ code: 'machine-unusable', hint: expect.stringContaining(hint) });
    expect(failure?.details.passing === true).toBe(passing);
  });

  it.each<[string, boolean]>([
    [`fatal: bad object ${OID}`, true],
    [`fatal: bad tree object ${OID}`, true],
    [`fatal: unable to read tree (${OID})`, true],
    [`error: Could not read ${OID}\nfatal: Failed to traverse parents of commit ${OID}`, true],
    [`fatal: loose object ${OID} (stored in .git/objects/11/1) is corrupt`, false],
    ['error: object file .git/objects/11/1 is empty', false],
    ['error: inflate: data stream error (incorrect header check)', false],
    ['error: packfile .git/objects/pack/pack-1.pack does not match index', false],
  ])('of this clone: %s', (said, passing) => {
    const failure = localTrouble(said);
    expect(failure).toMatchObject({ code: 'repository-damaged', hint: expect.stringContaining('git fsck') });
    expect(failure?.details.passing === true).toBe(passing);
  });

  it.each([
    'remote: fatal: write error: No space left on device',
    'remote: error: insufficient permission for adding an object to repository database ./objects',
    'error: remote unpack failed: unable to create temporary object directory: No space left on device',
    `fatal: loose object ${OID} (stored in ./objects/11/1) is corrupt`,
    'git@host: Permission denied (publickey).',
    'ssh: connect to host example.com port 22: Permission denied',
    "fatal: unable to access 'https://host/r.git/': Failed to connect to host port 443: Permission denied",
    'error: cannot run ssh: No such file or directory',
    'fatal: the remote end hung up unexpectedly',
  ])('is not what a server, or the way to it, is about: %s', (said) => {
    expect(localTrouble(said)).toBeUndefined();
  });

  it('is found in errors of the system too, and in no other text', () => {
    const system = (code: string) => Object.assign(new Error(`${code}: some words, open '/x'`), { code });
    expect(troubleIn(system('ENOSPC'))).toMatchObject({ code: 'machine-unusable', details: { passing: true } });
    expect(troubleIn(system('EMFILE'))).toMatchObject({ hint: expect.stringContaining('ulimit -n') });
    expect(troubleIn(system('EAGAIN'))).toMatchObject({ hint: expect.stringContaining('ulimit -u') });
    expect(troubleIn(system('EROFS'))).toMatchObject({ code: 'machine-unusable', details: {} });
    expect(troubleIn(system('ENOENT'))).toBeUndefined();
    expect(troubleIn(new Error('EMFILE is a word in a task'))).toBeUndefined();
    expect(machineTrouble('spawn git ENOMEM')).toMatchObject({ code: 'machine-unusable' });
  });
});

/** A clone with the queue's store; its remote is one commit ahead. */
async function withStore(box: Scene) {
  const file = '.agents/q/tasks/T-1.toon';
  const remote = await box.bareRemote({ [file]: 'task:\n  id: T-1\n' });
  const clone = await box.clone(remote, 'clone');
  const tip = await box.commitTo(remote, BRANCH, { 'q/other': 'x\n' });
  const repository = await box.open(clone);
  const objects = openObjects(repository);
  const store = new GitQueueStore(repository, openUpstream(repository, 'origin'), objects, 'develop');
  const snapshot = () => store.snapshot(tip, { read: new Set(['ready'] as const) });
  return { remote, clone, tip, repository, objects, store, snapshot };
}

const author = { name: 'A', email: 'a@example.com' };
const commit = (content: string) => ({
  message: 'm',
  author,
  committer: author,
  timeSeconds: 1,
  changes: [{ path: 'q/new', mode: '100644' as const, content: Buffer.from(content) }],
});

describe('a clone that is pruned in the middle of a claim', () => {
  it('says that it is worth another try, and fetches what is missing for that', async () => {
    await using box = await scene();
    const { clone, tip, repository, objects, store, snapshot, remote } = await withStore(box);
    await snapshot();
    const [lost = ''] = await buildCommits(repository, tip, [commit('one')]);
    await box.git(clone, 'gc', '-q', '--prune=now');
    const outcome = await store.push([{ ref: BRANCH, expected: tip, to: lost }]);
    expect(outcome).toMatchObject({
      kind: 'local',
      failure: { code: 'repository-damaged', details: { passing: true } },
    });
    await snapshot();
    const [next = ''] = await buildCommits(repository, tip, [commit('one')]);
    expect(await store.push([{ ref: BRANCH, expected: tip, to: next }])).toEqual({ kind: 'landed' });
    expect((await box.refs(remote))[BRANCH]).toBe(next);
    await objects.close();
  });

  it('also where the commits cannot be built any more', async () => {
    await using box = await scene();
    const { clone, tip, repository, objects, snapshot } = await withStore(box);
    await snapshot();
    await box.git(clone, 'gc', '-q', '--prune=now');
    await expect(buildCommits(repository, tip, [commit('one')])).rejects.toMatchObject({
      code: 'repository-damaged',
      details: { passing: true },
    });
    await objects.close();
  });
});

describe('a branch that is none', () => {
  it.each(['blob', 'tree', 'tag'])('because it points at a %s is called that', async (type) => {
    await using box = await scene();
    const { remote, store, objects } = await withStore(box);
    const tree = await box.git(remote, 'rev-parse', `${BRANCH}^{tree}`);
    const blob = await box.git(remote, 'rev-parse', `${BRANCH}:q/other`);
    await box.git(remote, 'tag', '-a', '-m', 'm', 'v1', BRANCH);
    const tag = await box.git(remote, 'rev-parse', 'refs/tags/v1');
    const oid = { blob, tree, tag }[type] ?? '';
    // Git would not do it; others may.
    await writeFile(box.path(remote, BRANCH), `${oid}\n`);
    const look = await store.look();
    expect(look.tip).toBe(oid);
    await expect(store.snapshot(oid, { read: new Set() })).rejects.toMatchObject({
      code: 'branch-missing',
      message: expect.stringContaining(`points at a ${type}`),
    });
    await objects.close();
  });
});

describe('git that is killed from outside', () => {
  it('has run out of memory, as far as anybody can tell', async () => {
    await using box = await scene();
    const { clone, tip } = await withStore(box);
    const bin = box.path('bin');
    await mkdir(bin);
    await writeFile(
      `${bin}/git`,
      `#!/bin/sh\ncase " $* " in *" fast-import "*) kill -9 $$;; esac\nPATH=\${PATH#*:} exec git "$@"\n`,
    );
    await chmod(`${bin}/git`, 0o755);
    const repository = await box.open(clone, { env: { PATH: `${bin}:${box.env.PATH}` } });
    await expect(buildCommits(repository, tip, [commit('x')])).rejects.toMatchObject({
      code: 'machine-unusable',
      details: { passing: true },
    });
  });
});

describe('drafts that a failed git has left', () => {
  it('are removed, but for those that somebody has open', async () => {
    await using box = await scene();
    const { clone, repository } = await withStore(box);
    const pack = box.path(clone, '.git', 'objects', 'pack');
    const folder = box.path(clone, '.git', 'objects', 'aa');
    await mkdir(folder, { recursive: true });
    await writeFile(`${pack}/tmp_pack_dead00`, '');
    await writeFile(`${folder}/tmp_obj_dead00`, 'x');
    await writeFile(`${pack}/pack-not-a-draft.keep`, '');
    const alive = await open(`${pack}/tmp_pack_alive0`, 'w');
    await sweepDrafts(repository);
    const present = async () => (await readdir(pack)).filter((name) => !/^pack-[0-9a-f]{40}/.test(name)).sort();
    expect(await present()).toEqual(['pack-not-a-draft.keep', 'tmp_pack_alive0']);
    expect(await readdir(folder)).toEqual([]);
    await alive.close();
    await sweepDrafts(repository);
    expect(await present()).toEqual(['pack-not-a-draft.keep']);
  });

  it('are none after a fetch that broke off, and after an import that failed', async () => {
    await using box = await scene();
    const { remote, clone, repository, tip } = await withStore(box);
    const tree = await box.git(remote, 'rev-parse', `${tip}^{tree}`);
    await rm(box.path(remote, 'objects', tree.slice(0, 2), tree.slice(2)));
    await expect(openUpstream(repository, 'origin').fetchCommit(BRANCH, tip)).rejects.toMatchObject({
      code: 'remote-damaged',
    });
    await expect(buildCommits(repository, OID, [commit('x')])).rejects.toMatchObject({ code: 'repository-damaged' });
    const files = await readdir(box.path(clone, '.git'), { recursive: true });
    expect(files.filter((name) => /tmp_|fast_import_crash/.test(name))).toEqual([]);
  });
});
