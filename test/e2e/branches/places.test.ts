import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { branchScene, placing, SETTINGS } from '../../kit/scene/branch-scene.ts';
import { scene } from '../../kit/scene/scene.ts';

const AUTH = 'develop-auth';

it('keeps a claim alive that refs have renewed, on the branch that its project goes to', async () => {
  const silent = `${plainTask('TASK-1')}\nclaim:\n  claimed_by: a1\n  last_heartbeat: 2026-01-01T00:00:00Z\n  claim_id: id-1\n`;
  const files = { [SETTINGS]: 'agentq:\n  heartbeat: ref\n', '.agents/auth/claimed/TASK-1.toon': silent };
  await using box = await scene({ files, clones: ['clone'] });
  expect(await box.agentq('clone', 'heartbeat', 'TASK-1', 'a1')).toMatchObject({ code: 0 });
  expect(await box.agentq('clone', 'branch', 'auth', AUTH)).toMatchObject({ code: 0 });
  const moved = await box.git('remote.git', 'show', `${AUTH}:.agents/auth/claimed/TASK-1.toon`);
  const [, beat = ''] = /last_heartbeat: (\S+)/.exec(moved) ?? [];
  expect(moved).toBe(silent.replace('2026-01-01T00:00:00Z', beat).trimEnd());
  expect(Date.now() - Date.parse(beat)).toBeLessThan(600_000);
  const given = await box.agentq('clone', 'release-stalled', 'auth', AUTH);
  expect(given).toMatchObject({ code: 0, stdout: '' });
});

it('keeps it alive on the way back from a branch whose own copy of the settings is out of date', async () => {
  const silent = `${plainTask('TASK-1')}\nclaim:\n  claimed_by: a1\n  last_heartbeat: 2026-01-01T00:00:00Z\n  claim_id: id-1\n`;
  const settings = (branch: string) => placing({ auth: branch }, 'heartbeat: ref');
  const files = { [SETTINGS]: settings('develop-old'), '.agents/auth/claimed/TASK-1.toon': silent };
  await using box = await scene({ files, clones: ['clone'] });
  await box.git(box.remote, 'branch', AUTH, 'develop');
  await box.commit('clone', { [SETTINGS]: settings(AUTH) });
  await box.git('clone', 'push', '-q', 'origin', 'develop');
  expect(await box.agentq('clone', 'heartbeat', 'TASK-1', 'a1')).toMatchObject({ code: 0 });
  expect(await box.agentq('clone', 'branch', 'auth', '--back')).toMatchObject({ code: 0 });
  const moved = await box.git('remote.git', 'show', 'develop:.agents/auth/claimed/TASK-1.toon');
  expect(moved).not.toContain('2026-01-01T00:00:00Z');
  expect(moved).toContain('claim_id: id-1');
});

it('moves along the checkouts of all branches of a repository without a remote', async () => {
  await using box = await scene();
  await box.git('.', 'init', '-q', '--initial-branch=develop', 'repo');
  await box.commit('repo', { '.agents/auth/tasks/TASK-1.toon': plainTask('TASK-1'), 'code.txt': 'code\n' });
  expect(await box.agentq('repo', 'branch', 'auth', AUTH)).toMatchObject({ code: 0 });
  await box.git('repo', 'worktree', 'add', '-q', '../tree', AUTH);
  await box.write('repo', { '.agents/auth/tasks/TASK-2.toon': plainTask('TASK-2') });
  await box.git('repo', 'add', '-A');
  await box.git('repo', 'commit', '-qm', 'Another task');
  expect(await box.agentq('tree', 'claim', 'a1', 'auth', AUTH)).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  await box.write('tree', { 'code.txt': 'mine\n' });
  expect(await box.agentq('repo', 'merge')).toMatchObject({ code: 0, stdout: `${AUTH}\n` });
  for (const [folder, status] of Object.entries({ repo: '', tree: 'M code.txt' })) {
    expect((await box.git(folder, 'status', '--porcelain')).trim()).toBe(status);
    expect(await box.read(folder, '.agents/auth/tasks/TASK-2.toon')).toBe(plainTask('TASK-2'));
    expect(await box.read(folder, '.agents/auth/claimed/TASK-1.toon')).toContain('claimed_by: a1');
  }
});

it('names the commit of each branch that add has made one on, and lets the checkout follow its own', async () => {
  await using box = await branchScene({ clones: ['a'] });
  const plan = ['auth', 'web'].map((project) => JSON.stringify({ project, title: `New in ${project}` })).join('\n');
  await box.write('.', { 'plan.jsonl': plan });
  const added = await box.agentq('a', 'add', '--file', '../plan.jsonl', '--json');
  expect(added.code, added.stderr).toBe(0);
  const { branch, commit, commits, tasks } = JSON.parse(added.stdout);
  const tips = await Promise.all(
    ['develop-auth', 'develop'].map(async (name) => ({
      branch: name,
      commit: (await box.git(box.remote, 'rev-parse', name)).trim(),
    })),
  );
  expect(new Set(commits)).toEqual(new Set(tips));
  expect(commits[0]).toEqual({ branch, commit });
  // The checkout is on develop.
  const [{ path = '' } = {}] = tasks.filter(({ project }: { project: string }) => project === 'web');
  expect(await box.git('a', 'ls-files', '--', path)).toContain(path);
  expect((await box.git('a', 'rev-parse', 'HEAD')).trim()).toBe(tips[1]?.commit);
  expect(added.stderr).not.toContain('was not updated');
});
