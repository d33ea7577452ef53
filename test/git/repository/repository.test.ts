import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { GitError } from '../../../src/git/process/git-error.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** One for all tests: they read, and thirteen repositories take a second. */
let box: Scene;
beforeAll(async () => {
  box = await scene({ files: { 'a/b/file': 'text\n', top: 'x\n' }, clones: ['clone'] });
  await makeKinds();
});
afterAll(() => box[Symbol.asyncDispose]());

/** Repositories of every kind, below `facts`. */
async function makeKinds(): Promise<void> {
  await mkdir(box.path('facts'));
  await box.clone('remote.git', 'facts/shallow', '--depth=1');
  await box.clone('remote.git', 'facts/partial', '--filter=blob:none', '--no-checkout');
  await box.git('.', 'init', '-q', '--object-format=sha256', 'facts/sha256');
  await box.git('.', 'init', '-q', 'facts/unborn');
  await box.clone('remote.git', 'facts/detached');
  await box.git('facts/detached', 'checkout', '-q', '--detach');
  await symlink(box.path('clone'), box.path('facts/link'));
  await box.git('facts/detached', 'worktree', 'add', '-q', '--detach', '../worktree');
  await box.clone('remote.git', 'facts/moved');
  await rename(box.path('facts/moved/.git'), box.path('facts/moved.git'));
  await symlink(box.path('facts/moved.git'), box.path('facts/moved/.git'));
  await box.clone('remote.git', 'facts/outer');
  const allowed = ['-c', 'protocol.file.allow=always'];
  await box.git('facts/outer', ...allowed, 'submodule', 'add', '-q', `file://${box.path('remote.git')}`, 'inner');
  await box.clone('remote.git', 'facts/outer/nested');
  await box.clone('remote.git', 'facts/elsewhere');
  await box.git('facts/elsewhere', 'config', 'core.worktree', box.path('facts/outer'));
  await box.clone('remote.git', 'facts/own-settings');
  await box.git('facts/own-settings', 'config', 'extensions.worktreeConfig', 'true');
}

function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(
    () => Promise.reject(new Error('did not fail')),
    (error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    },
  );
}

describe('openRepository', () => {
  it('finds folders, head, remotes and identity of an ordinary clone in one process', async () => {
    const log: string[][] = [];
    const repository = await box.open('clone', { log });
    expect(repository).toMatchObject({
      gitDir: box.path('clone/.git'),
      commonDir: box.path('clone/.git'),
      workTree: box.path('clone'),
      bare: false,
      shallow: false,
      partial: false,
      head: { kind: 'branch', ref: 'refs/heads/develop' },
      objectFormat: 'sha1',
      zeroId: '0'.repeat(40),
      identity: { name: 'Test User', email: 'user@example.com' },
    });
    expect([...repository.remotes.values()]).toEqual([
      {
        name: 'origin',
        url: `file://${box.path('remote.git')}`,
        pushUrl: undefined,
        promisor: false,
        fetch: ['+refs/heads/*:refs/remotes/origin/*'],
        folder: box.path('remote.git'),
        place: 'here',
      },
    ]);
    expect(log.map(([command]) => command)).toEqual(['config']);
    expect(repository.git.processes).toBe(1);
  });

  it.each([
    ['an ordinary clone', 'clone', 1],
    ['a subfolder', 'clone/a/b', 1],
    ['a shallow clone', 'facts/shallow', 1],
    ['a partial clone', 'facts/partial', 1],
    ['a sha256 repository', 'facts/sha256', 1],
    ['an unborn branch', 'facts/unborn', 1],
    ['a detached HEAD', 'facts/detached', 1],
    ['a clone behind a symbolic link', 'facts/link/a', 1],
    ['a linked worktree', 'facts/worktree', 2],
    ['a bare repository', 'remote.git', 2],
    ['a folder of a bare repository', 'remote.git/refs', 2],
    ['a git directory', 'clone/.git', 2],
    ['the hooks of a git directory', 'clone/.git/hooks', 2],
    ['a git directory that is a link', 'facts/moved', 2],
    ['a submodule', 'facts/outer/inner', 2],
    ['a working tree elsewhere', 'facts/elsewhere', 2],
    ['settings a worktree', 'facts/own-settings', 2],
    ['a repository in a folder that is a repository too', 'facts/outer/nested', 1],
  ])('knows of %s what git says of it', async (_, dir, processes) => {
    const { git, remotes, config, ...own } = await box.open(dir);
    // With this git is asked.
    const asked = await box.open(dir, { env: { GIT_DISCOVERY_ACROSS_FILESYSTEM: 'false' } });
    const { git: _git, remotes: _remotes, config: _config, ...gits } = asked;
    expect(own).toEqual(gits);
    expect([git.processes, asked.git.processes]).toEqual([processes, 2]);
  });

  it('works from a subfolder', async () => {
    const repository = await box.open('clone/a/b');
    expect(repository.workTree).toBe(box.path('clone'));
    expect(repository.gitDir).toBe(box.path('clone/.git'));
  });

  it('works from a linked worktree, detached', async () => {
    await box.git('clone', 'worktree', 'add', '-q', '--detach', '../linked');
    const repository = await box.open('linked');
    expect(repository.workTree).toBe(box.path('linked'));
    expect(repository.gitDir).toBe(box.path('clone/.git/worktrees/linked'));
    expect(repository.commonDir).toBe(box.path('clone/.git'));
    expect(repository.head).toEqual({ kind: 'detached' });
  });

  it('works in a bare repository and inside a git directory', async () => {
    expect(await box.open('remote.git')).toMatchObject({
      bare: true,
      workTree: undefined,
      gitDir: box.path('remote.git'),
    });
    expect(await box.open('clone/.git')).toMatchObject({ bare: false, workTree: undefined });
  });

  it('works on an unborn branch', async () => {
    await box.git('.', 'init', '-q', 'unborn');
    expect((await box.open('unborn')).head).toEqual({ kind: 'branch', ref: 'refs/heads/develop' });
  });

  it('sees shallow and partial clones and sha256', async () => {
    await box.clone('remote.git', 'shallow', '--depth=1');
    await box.clone('remote.git', 'partial', '--filter=blob:none', '--no-checkout');
    await box.git('.', 'init', '-q', '--object-format=sha256', 'sha256');
    expect((await box.open('shallow')).shallow).toBe(true);
    const partial = await box.open('partial');
    expect(partial.partial).toBe(true);
    expect(partial.remotes.get('origin')?.promisor).toBe(true);
    expect((await box.open('sha256')).zeroId).toBe('0'.repeat(64));
  });

  it('does not take a guess from the host name for an identity', async () => {
    const env = { GIT_CONFIG_GLOBAL: '/dev/null' };
    expect((await box.open('clone', { env })).identity).toBeUndefined();
    expect((await box.open('clone', { env: { ...env, EMAIL: 'e@x' } })).identity).toBeUndefined();
    const committer = { ...env, GIT_COMMITTER_NAME: 'C', GIT_COMMITTER_EMAIL: 'c@x' };
    expect((await box.open('clone', { env: committer })).identity).toEqual({ name: 'C', email: 'c@x' });
  });

  it('reads configuration by key, and from GIT_CONFIG_COUNT', async () => {
    const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'agentq.branch', GIT_CONFIG_VALUE_0: 'two\nlines' };
    const repository = await box.open('clone', { env });
    expect(repository.config('agentq.branch')).toBe('two\nlines');
    expect(repository.config('agentq.none')).toBeUndefined();
  });

  it('says what to do outside a repository', async () => {
    await mkdir(box.path('plain'));
    const failure = await failureOf(box.open('plain', { env: { GIT_CEILING_DIRECTORIES: box.root } }));
    expect(failure.code).toBe('not-a-repository');
    expect(failure.message).toContain(box.path('plain'));
  });

  it('says so where the folder does not exist', async () => {
    expect(() => box.client('nowhere')).toThrow(/there is no folder/);
  });

  it('passes on what git says of an untrusted owner', async () => {
    const failure = await failureOf(box.open('clone', { env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } }));
    expect(failure.code).toBe('not-a-repository');
    expect(failure.message).toContain('dubious ownership');
    expect(failure.hint).toBe(`git config --global --add safe.directory ${box.path('clone')}`);
  });

  it('says so where git is missing or too old', async () => {
    await mkdir(box.path('bin'));
    const missing = await failureOf(box.open('clone', { env: { PATH: box.path('bin') } }));
    expect(missing.code).toBe('git-unusable');
    await writeFile(
      box.path('bin/git'),
      '#!/bin/sh\nfor a; do [ "$a" = version ] && echo git version 2.20.1 && exit; done\nexit 129\n',
      {
        mode: 0o755,
      },
    );
    const old = await failureOf(box.open('clone', { env: { PATH: `${box.path('bin')}:${box.env.PATH}` } }));
    expect(old.code).toBe('git-unusable');
    expect(old.message).toContain('2.20.1');
  });
});

describe('the environment', () => {
  it('is not led to another repository by what a hook or an alias sets', async () => {
    await box.git('.', 'init', '-q', 'other');
    const env = {
      GIT_DIR: box.path('other/.git'),
      GIT_WORK_TREE: box.path('other'),
      GIT_INDEX_FILE: box.path('nonsense'),
      GIT_OBJECT_DIRECTORY: box.path('nonsense'),
      GIT_PREFIX: 'a/',
      GIT_EDITOR: 'vi',
      EDITOR: 'vi',
      PAGER: 'less',
      GIT_SEQUENCE_EDITOR: 'vi',
      GIT_TRACE: '1',
    };
    const repository = await box.open('clone', { env });
    expect(repository.gitDir).toBe(box.path('clone/.git'));
  });

  it("keeps git's memory with git, unless the user has said how", () => {
    expect(box.client('clone').env.MALLOC_TRIM_THRESHOLD_).toBe('67108864');
    const env = { MALLOC_TRIM_THRESHOLD_: '1' };
    expect(box.client('clone', { env }).env).toMatchObject(env);
  });

  it('keeps what is needed to reach a remote', async () => {
    const env = {
      GIT_SSH_COMMAND: 'ssh -F none',
      GIT_ASKPASS: '/bin/true',
      SSH_ASKPASS: '/bin/true',
      SSH_AUTH_SOCK: '/x',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'credential.helper',
      GIT_CONFIG_VALUE_0: 'store',
      GIT_CONFIG_KEY_1: 'url.https://x/.insteadOf',
      GIT_CONFIG_VALUE_1: 'x:',
      GIT_CONFIG_PARAMETERS: "'core.sshCommand=ssh'",
      GIT_EXEC_PATH: await box.git('.', '--exec-path'),
      PREFIX: '/usr',
      HTTPS_PROXY: 'http://proxy',
    };
    const client = box.client('clone', { env });
    expect(client.env).toMatchObject(env);
    expect(await client.run(['config', 'core.sshCommand'])).toBe('ssh\n');
  });
});

describe('the client', () => {
  it('reports exit code, output and arguments of a command that fails, also without stderr', async () => {
    const client = box.client('clone');
    const error = await client.run(['rev-parse', '-q', '--verify', 'nothing']).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(GitError);
    expect(error).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: '',
      args: ['rev-parse', '-q', '--verify', 'nothing'],
    });
    expect(await client.attempt(['show-ref', '--verify', 'refs/heads/no'])).toMatchObject({ exitCode: 128 });
  });

  it('runs no hook and no upkeep', async () => {
    const client = box.client('clone');
    expect(await client.run(['config', 'core.hooksPath'])).toBe('/dev/null\n');
    expect(await client.run(['config', 'gc.auto'])).toBe('0\n');
  });

  it('ends children when aborted, and starts none afterwards', async () => {
    const controller = new AbortController();
    const client = box.client('clone', { signal: controller.signal });
    const running = failureOf(client.run(['cat-file', '--batch']));
    controller.abort();
    expect((await running).code).toBe('interrupted');
    expect((await failureOf(client.run(['version']))).code).toBe('interrupted');
  });

  it('throws the Failure that the signal was aborted with', async () => {
    const signal = AbortSignal.abort(new Failure('timed-out', 'too late'));
    expect((await failureOf(box.client('clone', { signal }).run(['version']))).code).toBe('timed-out');
  });

  it('does not wait for a process in the background that keeps stderr open', async () => {
    const pidFile = box.path('sleeper');
    await box.git(
      'clone',
      'config',
      'alias.lurk',
      `!f() { sleep 600 >/dev/null & echo $! > ${pidFile}; echo done; }; f`,
    );
    const client = box.client('clone');
    expect(await client.run(['lurk'])).toBe('done\n');
    process.kill(Number(await box.read('.', 'sleeper')));
    await rm(pidFile);
  });
});
