import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const CORE = '.agents-core/config/agentq.toon';
const AUTH = 'develop-auth';

/** `auth/tasks/TASK-1.toon`, of every task on the branch. */
async function tasksOn(box: Scene, branch: string): Promise<string[]> {
  const listed = await box.git('remote.git', 'ls-tree', '-r', '--name-only', branch, '.agents');
  return listed.split('\n').flatMap((path) => (path.endsWith('.toon') ? [path.replace('.agents/', '')] : []));
}

function tip(box: Scene, branch: string): Promise<string> {
  return box.git('remote.git', 'rev-parse', branch);
}

/** Somebody commits to a branch of the remote, with git alone. */
async function commit(box: Scene, branch: string, files: Readonly<Record<string, string>>): Promise<void> {
  await box.git('other', 'fetch', '-q', 'origin');
  await box.git('other', 'checkout', '-q', '-B', branch, `origin/${branch}`);
  await box.write('other', files);
  await box.git('other', 'add', '-A');
  await box.git('other', 'commit', '-qm', 'by hand');
  await box.git('other', 'push', '-q', 'origin', branch);
}

it('merges a branch of a project while agents work there, in both directions, and touches no checkout', async () => {
  const files = {
    'code.txt': '1\n2\n3\n4\n5\n',
    [CORE]: 'agentq:\n  # ours\n  sign: false # not yet\n'.replace(' # not yet', ''),
    ...Object.fromEntries(['TASK-1', 'TASK-2', 'TASK-3'].map((id) => [`.agents/auth/tasks/${id}.toon`, plainTask(id)])),
    '.agents/web/tasks/TASK-1.toon': plainTask('TASK-1'),
  };
  await using box = await scene({ files, clones: ['clone', 'other'] });
  await box.git('clone', 'checkout', '-q', '-b', 'feature');
  await box.write('clone', { 'code.txt': 'dirty' });
  const state = async (): Promise<string> =>
    `${await box.git('clone', 'rev-parse', 'HEAD')}${await box.git('clone', 'status', '--porcelain')}`;
  const before = await state();

  expect(await box.agentq('clone', 'claim', 'a1', 'auth')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  const claimed = await box.git('remote.git', 'show', 'develop:.agents/auth/claimed/TASK-1.toon');
  expect(await box.agentq('clone', 'branch', 'auth', AUTH)).toMatchObject({ code: 0, stdout: `${AUTH}\n` });
  expect(await box.git('remote.git', 'show', `${AUTH}:.agents/auth/claimed/TASK-1.toon`)).toBe(claimed);
  expect(await tasksOn(box, AUTH)).toEqual([
    'auth/claimed/TASK-1.toon',
    'auth/tasks/TASK-2.toon',
    'auth/tasks/TASK-3.toon',
  ]);
  expect(await box.git('remote.git', 'show', `develop:${CORE}`)).toBe(
    `agentq:\n  # ours\n  sign: false\n  branches:\n    auth: ${AUTH}`,
  );
  expect(await box.agentq('clone', 'branch', 'auth', AUTH)).toMatchObject({
    code: 0,
    stderr: /lives on develop-auth already/,
  });

  // Code on both, a task where its project does not live, and agents at the same time.
  await commit(box, AUTH, { 'code.txt': '1\n2\n3\n4\nfive\n' });
  await commit(box, 'develop', {
    'code.txt': 'one\n2\n3\n4\n5\n',
    '.agents/auth/tasks/TASK-9.toon': plainTask('TASK-9'),
  });
  const own = await tip(box, AUTH);
  const [merged, ...claims] = await Promise.all([
    box.agentq('clone', 'merge', '--json'),
    ...['a2', 'a3'].map((agent) => box.agentq('clone', 'claim', agent, 'auth', AUTH)),
  ]);
  expect(merged).toMatchObject({ code: 0 });
  expect(JSON.parse(merged.stdout).branches).toMatchObject([
    { branch: AUTH, outcome: 'merged', moved: ['auth/TASK-9'] },
  ]);
  for (const { code } of claims) expect(code).toBe(0);
  await box.agentq('clone', 'merge');
  const got = claims.map(({ stdout }) => stdout.trim().replace('auth/', 'auth/claimed/').concat('.toon'));
  const mine = await tasksOn(box, AUTH);
  expect(mine).toEqual(expect.arrayContaining(['auth/claimed/TASK-1.toon', ...got]));
  expect(mine.map((path) => path.replace(/^.*\//, '')).sort()).toEqual([1, 2, 3, 9].map((n) => `TASK-${n}.toon`));
  expect(await tasksOn(box, 'develop')).toEqual([...mine, 'web/tasks/TASK-1.toon']);
  for (const branch of ['develop', AUTH]) {
    expect(await box.git('remote.git', 'show', `${branch}:code.txt`)).toBe('one\n2\n3\n4\nfive');
  }
  const parents = await box.git('remote.git', 'log', '--merges', '--format=%P', 'develop');
  expect(parents.split('\n').some((line) => line.endsWith(own) || line.split(' ').length === 2)).toBe(true);
  const tips = [await tip(box, 'develop'), await tip(box, AUTH)];
  expect(await box.agentq('clone', 'merge')).toMatchObject({ code: 0, stdout: '', stderr: /nothing to merge/ });

  // What only a person can decide changes nothing.
  await commit(box, AUTH, { 'code.txt': 'auth\n', '.agents/auth/tasks/TASK-10.toon': plainTask('TASK-10') });
  await commit(box, 'develop', { 'code.txt': 'develop\n' });
  const apart = [await tip(box, 'develop'), await tip(box, AUTH)];
  expect(apart).not.toEqual(tips);
  const refused = await box.agentq('clone', 'merge', AUTH, '--into', 'develop', '--json');
  expect(refused).toMatchObject({ code: 5 });
  expect(JSON.parse(refused.stdout).error).toMatchObject({
    code: 'merge-conflict',
    message: 'develop-auth cannot be merged into develop: conflict in code.txt',
  });
  expect([await tip(box, 'develop'), await tip(box, AUTH)]).toEqual(apart);
  expect(await box.agentq('clone', 'merge', 'feature')).toMatchObject({
    code: 64,
    stderr: /no project lives on feature/,
  });

  await commit(box, 'develop', { 'code.txt': '1\n' });
  await commit(box, AUTH, { 'code.txt': '1\n' });
  expect(await box.agentq('clone', 'branch', 'auth', '--back')).toMatchObject({ code: 0, stdout: 'develop\n' });
  expect(await tasksOn(box, AUTH)).toEqual([]);
  expect(await tasksOn(box, 'develop')).toEqual([...mine, 'auth/tasks/TASK-10.toon', 'web/tasks/TASK-1.toon'].sort());
  expect(await box.git('remote.git', 'show', `develop:${CORE}`)).toBe('agentq:\n  # ours\n  sign: false');
  expect(await state()).toBe(before);
});
