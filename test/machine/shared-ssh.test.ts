import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sharedSsh } from '../../src/machine/shared-ssh.ts';
import { claimIntent, openedQueue } from '../kit/engine/machine.ts';
import { type Scene, scene } from '../kit/scene/scene.ts';

const hasSsh = spawnSync('ssh', ['-V']).status === 0;

/** A folder for sockets with a short path: that of the tests may be too long. */
async function withRuntime(use: (dir: string) => Promise<void> | void, name = ''): Promise<void> {
  await using box = await scene();
  const dir = `${box.root}${name}`;
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o700);
  await use(dir);
}

describe('the way of git to ssh', () => {
  it.runIf(hasSsh)('is one connection for a minute, in a socket of our own', () =>
    withRuntime((dir) => {
      const { GIT_SSH = '' } = sharedSsh({ XDG_RUNTIME_DIR: dir });
      const said = execFileSync(GIT_SSH, ['-G', 'host.invalid'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(said).toMatch(/^controlmaster auto$/m);
      expect(said).toMatch(/^controlpersist 60$/m);
      expect(/^controlpath (.*)$/m.exec(said)?.[1]).toMatch(new RegExp(`^${dir}/agentq/[0-9a-f]{40}$`));
    }),
  );

  it.each(['GIT_SSH_COMMAND', 'GIT_SSH', 'GIT_SSH_VARIANT'])("stays the user's, where there is a %s", (name) =>
    withRuntime((dir) => {
      expect(sharedSsh({ XDG_RUNTIME_DIR: dir, [name]: 'ssh' })).toEqual({});
    }),
  );

  it.each([
    ['is too long for a socket', `/${'x'.repeat(60)}`],
    ['has what ssh would expand', '/%h'],
    ['has a blank', '/a b'],
  ])('is not shared where the path %s', (_, name) =>
    withRuntime((dir) => {
      expect(sharedSsh({ XDG_RUNTIME_DIR: dir })).toEqual({});
    }, name),
  );

  it('is written once, and leaves no drafts', () =>
    withRuntime(async (dir) => {
      const first = sharedSsh({ XDG_RUNTIME_DIR: dir });
      expect(sharedSsh({ XDG_RUNTIME_DIR: dir })).toEqual(first);
      expect((await readdir(`${dir}/agentq/ssh`)).sort()).toEqual(['config', 'ssh']);
    }));
});

/** A clone of a remote over an ssh that runs what it is told on this machine, and writes down how it was called. */
async function overSsh(): Promise<{ readonly box: Scene; readonly path: string; calls(): Promise<string> }> {
  const box = await scene({ tasks: 1, clones: ['clone'] });
  const ssh = `#!/bin/sh\necho "$0 $*" >>'${box.path('calls')}'\nfor last; do :; done\nexec sh -c "$last"\n`;
  await box.write('.', { calls: '', 'programs/ssh': ssh, 'own/ssh': ssh });
  for (const folder of ['programs', 'own']) await chmod(box.path(folder, 'ssh'), 0o755);
  await box.git('clone', 'remote', 'set-url', 'origin', `ssh://host${box.path(box.remote)}`);
  const path = `${box.path('programs')}:${process.env.PATH}`;
  return { box, path, calls: () => readFile(box.path('calls'), 'utf8') };
}

describe('a claim over ssh', () => {
  it('that may share goes the shared way', async () => {
    const { box, path, calls } = await overSsh();
    await using _ = box;
    await using opened = await openedQueue(box, 'clone', { ssh: 'shared', env: { PATH: path } });
    expect((await opened.queue.submit(claimIntent('a1'))).outcome.kind).toBe('claimed');
    const lines = (await calls()).trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toContain(`-F ${box.path('run-clone', 'agentq', 'ssh', 'config')} `);
  });

  it("goes the user's way where git has one, although it may share", async () => {
    const { box, path, calls } = await overSsh();
    await using _ = box;
    await box.git('clone', 'config', 'core.sshCommand', box.path('own', 'ssh'));
    await using opened = await openedQueue(box, 'clone', { ssh: 'shared', env: { PATH: path } });
    expect((await opened.queue.submit(claimIntent('a1'))).outcome.kind).toBe('claimed');
    for (const line of (await calls()).trim().split('\n')) expect(line).toMatch(/\/own\/ssh (?!.* -F )/);
  });
});
