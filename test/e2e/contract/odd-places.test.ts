import { mkdir, rmdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { claimIn } from '../../kit/scene/claim-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** CONTRACT 4 and 6, at the edges: no folder to be in, no commit to be on, and remotes that never answer. */

const QUEUE = { tasks: 1, clones: ['clone'] };

/** Runs agentq in a folder that is deleted before agentq starts. */
async function runInDeleted(box: Scene, args: readonly string[]) {
  const gone = box.path('gone');
  await mkdir(gone);
  const script = `rmdir '${gone}'; exec '${NODE}' '${AGENTQ_BIN}' "$@"`;
  const run = await box.run(gone, 'sh', ['-c', script, 'sh', ...args]);
  await rmdir(gone).catch(() => undefined);
  return run;
}

it('works from a deleted folder when -C names another, and says what is wrong when not', async () => {
  await using box = await scene(QUEUE);
  const without = await runInDeleted(box, ['claim', 'a1', '--json']);
  expect(without.exitCode).toBe(5);
  expect(JSON.parse(without.stdout)).toMatchObject({ error: { code: 'not-a-repository' } });
  expect(without.stderr).toContain('there is no directory');
  const named = await runInDeleted(box, ['-C', box.path('clone'), 'claim', 'a1']);
  expect(named, named.stderr).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-1\n' });
});

it('brings an empty clone along when its branch is born on the remote', async () => {
  await using box = await scene(QUEUE);
  await box.git('.', 'init', '-q', '--bare', '--initial-branch=develop', 'empty.git');
  const clone = await box.clone('empty.git', 'empty');
  const run = await box.agentq(clone, 'init');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).not.toContain('not updated');
  expect(await box.git(clone, 'status', '--porcelain', '--branch')).not.toMatch(/\n|No commits/);
  expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(await box.git('empty.git', 'rev-parse', 'develop'));
});

it('leaves a clone without a commit alone when there is something in it', async () => {
  await using box = await scene(QUEUE);
  await box.git('.', 'init', '-q', '--bare', '--initial-branch=develop', 'unborn.git');
  const clone = await box.clone('unborn.git', 'unborn');
  await box.write(clone, { 'notes.txt': 'mine\n' });
  const run = await box.agentq(clone, 'init');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/the checkout was not updated: the local branch has no commit yet/);
  expect(await box.git(clone, 'status', '--porcelain', '--branch')).toMatch(/^## No commits yet .*\n\?\? notes\.txt$/);
});

it('exits with 4, not 2, where --timeout ends the tries to reach a remote', async () => {
  await using box = await scene(QUEUE);
  const clone = 'clone';
  await box.git(clone, 'remote', 'set-url', 'origin', 'http://127.0.0.1:9/queue.git');
  const { run, said } = await claimIn(box, clone, { args: ['--timeout', '2s', '--max-retries', '100'] });
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(said.at(-1)).toMatch(/^error: remote origin cannot be reached: .*; gave up, to end within --timeout 2s/);
});

it.each([
  ['host', 'ssh://-oProxyCommand=touch%20owned/x', /strange hostname/],
  ['path', '--upload-pack=touch owned', /strange pathname/],
])('does not try again what git takes for an option in the %s of a URL', async (_name, url, words) => {
  await using box = await scene(QUEUE);
  const clone = 'clone';
  await box.git(clone, 'config', 'remote.origin.url', url);
  const { run, said, before, after } = await claimIn(box, clone);
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(said).toEqual([expect.stringMatching(words)]);
  expect(after).toEqual(before);
});
