import { describe, expect, it } from 'vitest';
import { BranchWorld, MAIN, pathOf } from '../../kit/engine/branch-world.ts';

const SETTINGS = '.agents-core/config/agentq.toon';

/** `auth` lives on `x`, and `web` on the main branch; each has a task. */
async function world(): Promise<BranchWorld> {
  const made = new BranchWorld({
    [SETTINGS]: 'agentq:\n',
    'code.txt': 'first',
    [pathOf('auth', 'T-1', 'tasks')]: 'one\n',
    [pathOf('web', 'T-1', 'tasks')]: 'one\n',
  });
  await made.place('auth', 'x');
  return made;
}

/** Runs it, and says what it came to; nothing may have moved. */
async function refused(made: BranchWorld, work: () => Promise<unknown>): Promise<unknown> {
  const before = new Map(made.remote.refs);
  const failure = await work().then(
    () => 'done',
    (error: unknown) => error,
  );
  expect(new Map(made.remote.refs)).toEqual(before);
  return failure;
}

describe('branches are not merged, and nothing is changed,', () => {
  it('where other files conflict; all of them are named, and others can be merged by name', async () => {
    const made = await world();
    await made.place('web', 'y');
    for (const [branch, text] of Object.entries({ [MAIN]: 'main', x: 'x', y: 'y' })) {
      made.commit(branch, { [branch === 'y' ? 'y.txt' : 'code.txt']: text });
    }
    expect(await refused(made, () => made.merge())).toMatchObject({
      code: 'merge-conflict',
      message: 'x cannot be merged into develop: conflict in code.txt',
      details: { conflicts: [{ branch: 'x', kind: 'files', names: ['code.txt'] }] },
    });
    expect((await made.merge(['y'])).branches).toMatchObject([{ branch: 'y' }]);
    expect(made.read(MAIN, 'y.txt')).toBe('y');
  });

  it('where both have added another task with one id', async () => {
    const made = await world();
    made.commit(MAIN, { [pathOf('auth', 'T-2', 'tasks')]: 'by one\n' });
    made.commit('x', { [pathOf('auth', 'T-2', 'tasks')]: 'by another\n' });
    expect(await refused(made, () => made.merge())).toMatchObject({
      code: 'merge-conflict',
      message: 'x cannot be merged into develop: both have added another task as auth/T-2',
    });
    // One of them is renamed: then both are there.
    made.commit(MAIN, { [pathOf('auth', 'T-2', 'tasks')]: undefined, [pathOf('auth', 'T-3', 'tasks')]: 'by one\n' });
    await made.merge();
    expect(made.ids('x', 'auth', 'tasks').sort()).toEqual(['T-1', 'T-2', 'T-3']);
  });

  it('where the histories have no commit in common', async () => {
    const made = await world();
    const alone = made.remote.add([], new Map(), { message: 'alone', author: 'somebody', timeMs: 0 });
    made.remote.set('refs/heads/x', alone);
    expect(await refused(made, () => made.merge())).toMatchObject({
      code: 'merge-conflict',
      message: 'x cannot be merged into develop: they have no commit in common',
    });
  });

  it('where a branch is missing, or no project lives on it', async () => {
    const made = await world();
    expect(await refused(made, () => made.merge(['z']))).toMatchObject({
      code: 'usage',
      message: 'no project lives on z, by the settings on develop: those of projects are x',
    });
    expect(await refused(made, () => made.merge([MAIN]))).toMatchObject({ code: 'usage' });
    made.remote.refs.delete('refs/heads/x');
    expect(await refused(made, () => made.merge())).toMatchObject({
      code: 'branch-missing',
      hint: expect.stringContaining('agentq branch auth x'),
    });
    // What the main branch has is a copy, but all that there is.
    expect(await made.place('auth', 'x')).toMatchObject({ from: 'x', to: 'x', isNew: true });
    expect(made.ids('x', 'auth', 'tasks')).toEqual(['T-1']);
  });

  it('where others are first each time, after as many tries as were allowed', async () => {
    const made = await world();
    made.commit('x', { 'x.txt': '1' });
    const before = made.remote.pushes.length;
    made.faults = ['rejected', 'rejected', 'rejected'];
    expect(await refused(made, () => made.merge([], 2))).toMatchObject({
      code: 'retries-exhausted',
      message: expect.stringContaining('gave up after 3 attempts'),
    });
    expect(made.remote.pushes.length - before).toBe(3);
  });
});

describe('a project does not move, and nothing is changed,', () => {
  it('where the server cannot move the branch that it leaves together with the setting', async () => {
    const made = await world();
    made.atomic = false;
    expect(await refused(made, () => made.place('auth', MAIN))).toMatchObject({
      code: 'remote-refused',
      message: 'origin cannot change several branches in one push',
    });
  });

  it.each([
    ['there is no such project', 'auht', 'y', 'unknown-project'],
    ['git cannot have the branch beside another', 'web', 'develop/web', 'usage'],
    ['the branch is one of code alone', 'web', 'code', 'usage'],
  ])('where %s', async (_, project, to, code) => {
    const made = await world();
    made.remote.set(
      'refs/heads/code',
      made.remote.add([made.tip(MAIN) ?? ''], new Map(), { message: 'code', author: 'somebody', timeMs: 0 }),
    );
    expect(await refused(made, () => made.place(project, to))).toMatchObject({ code });
  });

  it('twice: it lives there already', async () => {
    const made = await world();
    const pushes = made.remote.pushes.length;
    expect(await made.place('auth', 'x')).toMatchObject({ from: 'x', to: 'x', moved: undefined, others: [], tasks: 1 });
    expect(made.remote.pushes.length).toBe(pushes);
  });
});

it('says of a push without an answer that it may have landed, and of one that had landed what it did', async () => {
  const made = await world();
  made.commit('x', { 'x.txt': '1' });
  made.faults = ['lost'];
  await expect(made.merge([], 0)).rejects.toMatchObject({
    code: 'remote-unreachable',
    message: expect.stringContaining('may have landed'),
    details: { mayHaveLanded: true },
  });
  made.faults = ['answer-lost'];
  const merged = await made.merge();
  expect(merged.moved).toMatchObject({ branch: MAIN, to: made.tip(MAIN) });
  expect(merged.branches).toMatchObject([{ branch: 'x', commit: made.tip(MAIN) }]);
});

it('deletes nothing when somebody merges a branch by hand that has only its own projects', async () => {
  const made = await world();
  const everyTask = (): unknown => [made.ids(MAIN, 'web', 'tasks'), made.ids(MAIN, 'auth', 'tasks')];
  made.commit('x', { [pathOf('auth', 'T-2', 'tasks')]: 'two\n' });
  await made.mergeByHand('x');
  expect(everyTask()).toEqual([['T-1'], ['T-1', 'T-2']]);
  // The branch gets something of the main one, and then has commits of its own again, and then none.
  made.commit(MAIN, { [pathOf('auth', 'T-3', 'tasks')]: 'three\n', 'code.txt': 'second' });
  await made.merge();
  await made.mergeByHand('x');
  made.commit('x', { [pathOf('auth', 'T-4', 'tasks')]: 'four\n' });
  await made.mergeByHand('x');
  expect(everyTask()).toEqual([['T-1'], ['T-1', 'T-2', 'T-3', 'T-4']]);
  await made.place('auth', MAIN);
  await made.mergeByHand('x');
  expect(everyTask()).toEqual([['T-1'], ['T-1', 'T-2', 'T-3', 'T-4']]);
});
