import { describe, expect, it } from 'vitest';
import { claimAtOnce, expectAnswers, expectClaims } from '../../kit/processes/pool.ts';
import { claimedPath, readyPath, readyTasks, USER_FILES } from '../../kit/queues/queue-files.ts';
import { turnsOf } from '../../kit/sample.ts';
import { type Claim, claimIn, expectClaimed, expectUntouched } from '../../kit/scene/claim-scene.ts';
import { fingerprint, leftovers } from '../../kit/scene/fingerprint.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Without a remote the local branch is the queue: the same guarantees, by compare-and-swap on the ref. */

const LOCAL = 'this repository has no remote: the local branch develop is the queue';

/** Claims, and takes the line away that every command says here first. */
async function claimHere(
  box: Scene,
  dir: string,
  options: Parameters<typeof claimIn>[2] = {},
  line = LOCAL,
): Promise<Claim> {
  const claim = await claimIn(box, dir, options);
  expect(claim.said[0]).toBe(line);
  return { ...claim, said: claim.said.slice(1) };
}

/** A repository without a remote, with this many tasks on `develop`. */
async function repository(box: Scene, tasks: number): Promise<string> {
  const dir = 'local';
  await box.git('.', 'init', '-q', '--initial-branch=develop', dir);
  await box.commit(dir, { ...readyTasks(tasks), ...USER_FILES });
  return dir;
}

describe('checked out on the branch', () => {
  it('claims, and the checkout shows it', async () => {
    await using box = await scene();
    const dir = await repository(box, 2);
    const claim = await claimHere(box, dir);
    await expectClaimed(box, dir, claim);
    expect(await box.git(dir, 'status', '--porcelain')).toBe('');
    expect(await box.read(dir, claimedPath('TASK-1'))).toContain('claimed_by: a1');
    expect(claim.said).toHaveLength(1);
  });

  it('follows with --no-sync too: otherwise the next commit would take the claim back', async () => {
    await using box = await scene();
    const dir = await repository(box, 2);
    await expectClaimed(box, dir, await claimHere(box, dir, { args: ['--no-sync'] }));
    expect(await box.git(dir, 'status', '--porcelain')).toBe('');
  });

  it('keeps what the user has changed and staged', async () => {
    await using box = await scene();
    const dir = await repository(box, 2);
    await box.write(dir, {
      'src/code.ts': 'staged\n',
      [readyPath('TASK-2')]: 'modified\n',
      'notes.txt': 'untracked\n',
    });
    await box.git(dir, 'add', 'src');
    const status = await box.git(dir, 'status', '--porcelain', '-uall');
    await expectClaimed(box, dir, await claimHere(box, dir));
    expect(await box.git(dir, 'status', '--porcelain', '-uall')).toBe(status);
    expect(await box.read(dir, readyPath('TASK-2'))).toBe('modified\n');
  });

  it('says that the claimed file itself has changes of the user', async () => {
    await using box = await scene();
    const dir = await repository(box, 2);
    await box.write(dir, { [readyPath('TASK-1')]: 'modified\n' });
    const claim = await claimHere(box, dir);
    await expectClaimed(box, dir, claim);
    expect(claim.said.slice(1)).toEqual([expect.stringMatching(/^the checkout was not updated: .*TASK-1/)]);
    expect(await box.read(dir, readyPath('TASK-1'))).toBe('modified\n');
  });
});

it('claims while another branch is checked out', async () => {
  await using box = await scene();
  const dir = await repository(box, 2);
  await box.git(dir, 'checkout', '-q', '-b', 'feature');
  const claim = await claimHere(box, dir);
  await expectClaimed(box, dir, claim);
  expect(await box.git(dir, 'status', '--porcelain')).toBe('');
  expect(await box.git(dir, 'rev-parse', 'HEAD')).toBe(await box.git(dir, 'rev-parse', 'develop^'));
});

it('takes along a linked worktree that has the branch', async () => {
  await using box = await scene();
  const dir = await repository(box, 2);
  await box.git(dir, 'checkout', '-q', '-b', 'feature');
  await box.git(dir, 'worktree', 'add', '-q', `../worktree-${dir}`, 'develop');
  await expectClaimed(box, dir, await claimHere(box, dir));
  expect(await box.git(`worktree-${dir}`, 'status', '--porcelain')).toBe('');
  expect(await box.read(`worktree-${dir}`, claimedPath('TASK-1'))).toContain('claimed_by: a1');
});

it('claims in a bare repository', async () => {
  await using box = await scene();
  const dir = await repository(box, 2);
  await box.git('.', 'clone', '-q', '--bare', dir, `${dir}.git`);
  await box.git(`${dir}.git`, 'remote', 'remove', 'origin');
  const before = await box.git(`${dir}.git`, 'rev-parse', 'develop');
  const claim = await claimHere(box, `${dir}.git`);
  await expectClaimed(box, `${dir}.git`, claim);
  expect(await box.git(`${dir}.git`, 'rev-parse', 'develop^')).toBe(before);
});

it('asks for a branch that is there', async () => {
  await using box = await scene();
  const dir = await repository(box, 1);
  const claim = await claimHere(box, dir, { args: ['--branch', 'queue'] }, LOCAL.replace('develop', 'queue'));
  expect(claim.run).toMatchObject({ code: 5, stdout: '' });
  expect(claim.said[0]).toContain('there is no branch queue on this repository');
  expectUntouched({ ...claim, said: [] }, undefined);
});

const MODES = [
  ['sharing pushes', []],
  ['each for itself', ['--no-combine', '--max-retries', '400']],
] as const;

describe.each(MODES)('10 processes at once, %s', (mode, options) => {
  const places: readonly [string, (box: Scene, dir: string) => Promise<string>][] = [
    ['on the branch', async (_box, dir) => dir],
    [
      'on another branch',
      async (box, dir) => {
        await box.git(dir, 'checkout', '-q', '-b', 'feature');
        return dir;
      },
    ],
  ];
  it.each(
    places.filter(
      turnsOf(
        MODES.map(([name]) => name),
        mode,
      ),
    ),
  )('%s', async (_place, prepare) => {
    await using box = await scene();
    const dir = await prepare(box, await repository(box, 7));
    const base = await box.git(dir, 'rev-parse', 'develop');
    const agents = Array.from({ length: 10 }, (_, index) => ({ agent: `agent-${index + 1}`, dir, options }));
    const answers = await claimAtOnce(box, agents);
    expectAnswers(answers);
    expect(answers.filter(({ code }) => code === 0)).toHaveLength(7);
    await expectClaims(box, dir, base, answers);
    expect(await box.git(dir, 'status', '--porcelain')).toBe('');
    expect(leftovers(await fingerprint(box, dir))).toEqual([]);
  });
});

it('gives a task back with the very bytes it had', async () => {
  await using box = await scene();
  const dir = await repository(box, 1);
  const before = await box.files(dir, 'develop');
  await expectClaimed(box, dir, await claimHere(box, dir));
  const { code } = await box.agentq(dir, 'release', 'TASK-1', 'a1');
  expect(code).toBe(0);
  expect(await box.files(dir, 'develop')).toEqual(before);
  expect(await box.git(dir, 'status', '--porcelain')).toBe('');
});

it('says in every command, once and on stderr alone, that nobody else sees the queue', async () => {
  await using box = await scene();
  const dir = await repository(box, 2);
  const run = (...args: string[]) => box.agentq(dir, ...args);
  for (const args of [
    ['claim', 'a1', '--task', 'TASK-1'],
    ['heartbeat', 'TASK-1', 'a1'],
    ['complete', 'TASK-1', 'a1'],
    ['add', '--title', 'one more'],
    ['work', 'a1', '--once', '--', 'true'],
    ['release-stalled'],
    ['unblock'],
    ['list'],
    ['show', 'TASK-1'],
    ['status'],
    ['validate'],
    ['init'],
  ]) {
    const { code, stdout, stderr } = await run(...args);
    expect({ args, code, lines: stderr.split(LOCAL).length - 1 }, stderr).toEqual({ args, code: 0, lines: 1 });
    expect(stdout).not.toContain(LOCAL);
  }
  const { stderr } = await run('list', '-q');
  expect(stderr).toBe('');
  const json = await run('list', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ remote: null });
});
