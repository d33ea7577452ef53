import { describe, expect, it } from 'vitest';
import { branchFindings } from '../../../src/domain/defects/branch-findings.ts';
import type { AddIntent } from '../../../src/domain/intents/intent.ts';
import { parseCursor } from '../../../src/domain/past/cursor.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { claimIntent } from '../../kit/engine/machine.ts';
import { branchScene, openedBranches, placing, SETTINGS, statesOn } from '../../kit/scene/branch-scene.ts';

const ALL = { read: new Set(['ready', 'claimed', 'completed'] as const) };

function adding(request: string, ...projects: readonly string[]): AddIntent {
  const task = { title: 'More', criteria: [], required: [], blocks: [], labels: {}, rest: {} };
  return { kind: 'add', request, agent: 'architect', tasks: projects.map((project) => ({ ...task, project })) };
}

describe('an answer without a project', () => {
  it('covers all branches, each read once, and tells what happened on each exactly once', async () => {
    await using box = await branchScene({ clones: ['a', 'b'] });
    await using one = await openedBranches(box, 'a');
    await one.queue.submit(claimIntent('a1', { filter: { project: 'auth' } }));
    await one.queue.submit(claimIntent('a2', { filter: { project: 'web' } }));
    // The history of a branch is in the other, too, after a merge by hand.
    await box.git('a', 'fetch', '-q', 'origin');
    await box.git('a', 'checkout', '-q', '-B', 'develop', 'origin/develop');
    await box.git('a', 'merge', '-q', '-m', 'Merge', 'origin/develop-auth');
    await box.git('a', 'push', '-q', 'origin', 'develop');

    await using other = await openedBranches(box, 'b');
    const reader = await other.queue.read();
    const snapshot = await reader.snapshot(ALL);
    const tasks = [...new QueueState(snapshot).all()].flatMap((entries) =>
      entries.map(({ key, state }) => `${formatKey(key)} ${state}`),
    );
    expect(tasks.sort()).toEqual([
      'auth/TASK-1 claimed',
      'auth/TASK-2 ready',
      'pay/TASK-1 ready',
      'web/TASK-1 claimed',
      'web/TASK-2 ready',
    ]);
    expect([...(snapshot.branches?.tips.keys() ?? [])]).toEqual(['develop', 'develop-auth', 'develop-pay']);
    const told: string[] = [];
    const past = { tip: snapshot.tip, limit: undefined, onNotice: () => undefined };
    for await (const { event } of reader.past(past)) told.push(`${event.kind} ${event.project}/${event.task}`);
    expect(told.filter((line) => line.includes('claimed')).sort()).toEqual([
      'task.claimed auth/TASK-1',
      'task.claimed web/TASK-1',
    ]);
    expect(told.filter((line) => line.includes('added'))).toHaveLength(5);
    const commits: string[] = [];
    for await (const { oid } of reader.record(undefined)) commits.push(oid);
    expect(new Set(commits).size).toBe(commits.length);

    const watched: string[] = [];
    let cursor = '';
    for await (const one of reader.watch({ from: { kind: 'beginning' }, until: 'told', onNotice: () => undefined })) {
      watched.push(`${one.event.kind} ${one.event.project}/${one.event.task}`);
      cursor = one.cursor;
    }
    expect(watched.sort()).toEqual(told.sort());
    expect(cursor.split(',').map((part) => part.replace(/[0-9a-f.]+$/, ''))).toEqual([
      '',
      'develop-auth=',
      'develop-pay=',
    ]);
    const position = parseCursor(cursor);
    if (position === undefined) throw new Error(cursor);
    const from = { kind: 'cursor' as const, cursor: position };
    for await (const one of reader.watch({ from, until: 'told', onNotice: () => undefined }))
      throw new Error(one.cursor);
  });

  it('knows what is wrong with the branches', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await box.commitTo(
      box.remote,
      'refs/heads/develop',
      {
        [SETTINGS]: placing({ auth: 'develop-auth', pay: 'develop-pay', wbe: 'develop-x' }),
        '.agents/auth/tasks/TASK-9.toon': 'task:\n title: x\n status: ready\n',
      },
      'Edit',
    );
    await using opened = await openedBranches(box, 'a');
    const { branches } = await (await opened.queue.read()).snapshot({ ...ALL, copies: 'named' });
    if (branches === undefined) throw new Error('one branch');
    expect(
      branchFindings(branches.ownership, branches.snapshots).map(({ code, message }) => `${code}: ${message}`),
    ).toEqual([
      'branch-without-project: branches names wbe, and there is no such project, did you mean web?',
      'missing-branch: wbe lives on develop-x, and there is no such branch',
      'awaits-merge: auth/TASK-9 is only on develop, and auth lives on develop-auth',
    ]);
  });
});

describe('tasks that are added to several projects', () => {
  it('go where the projects live, in one push, and the same request adds nothing twice', async () => {
    await using box = await branchScene({ clones: ['a', 'b'] });
    await using opened = await openedBranches(box, 'a');
    const { outcome, commits } = await opened.queue.submit(adding('add-request', 'web', 'auth', 'web', 'pay'));
    if (outcome.kind !== 'added') throw new Error(outcome.kind);
    expect(outcome.tasks.map(({ key }) => formatKey(key))).toEqual([
      'web/TASK-3',
      'auth/TASK-3',
      'web/TASK-4',
      'pay/TASK-2',
    ]);
    expect(commits?.map(({ branch }) => branch)).toEqual(['develop', 'develop-auth', 'develop-pay']);
    await using other = await openedBranches(box, 'b');
    const again = await other.queue.submit(adding('add-request', 'web', 'auth', 'web', 'pay'), { again: true });
    expect(again.outcome).toMatchObject({ tasks: outcome.tasks.map(({ key }) => ({ key })) });
    expect(await statesOn(box, 'develop-auth', 'auth')).toEqual(['TASK-1 ready', 'TASK-2 ready', 'TASK-3 ready']);
    expect(await statesOn(box, 'develop', 'auth')).toEqual(['TASK-1 ready', 'TASK-2 ready']);
  });

  it('make the branch of a project that does not exist yet', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await box.git(box.remote, 'branch', '-D', 'develop-pay');
    await using opened = await openedBranches(box, 'a');
    const { queue } = opened;
    await expect(queue.submit(claimIntent('a1', { filter: { project: 'pay' } }))).rejects.toMatchObject({
      code: 'branch-missing',
      message: 'pay lives on the branch develop-pay, and there is no such branch yet',
    });
    expect((await queue.submit(adding('add-to-pay', 'pay'))).branch).toBe('develop-pay');
    expect(await statesOn(box, 'develop-pay', 'pay')).toEqual(['TASK-1 ready', 'TASK-2 ready']);
    expect((await queue.submit(claimIntent('a1', { filter: { project: 'pay' } }))).branch).toBe('develop-pay');
  });

  it('are added one branch after the other where the server cannot do both at once, and some may be late', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await box.git(box.remote, 'config', 'receive.advertiseAtomic', 'false');
    await using opened = await openedBranches(box, 'a', { maxRetries: 2 });
    await box.write(`${box.remote}/hooks`, { update: '#!/bin/sh\ntest "$1" != refs/heads/develop-auth\n' });
    await box.run(box.path('.'), 'chmod', ['+x', `${box.remote}/hooks/update`]);
    await expect(opened.queue.submit(adding('add-request', 'web', 'auth'))).rejects.toMatchObject({
      code: 'remote-refused',
      message: expect.stringContaining('; the tasks on develop were added, the others were not'),
      hint: expect.stringContaining('--request add-request'),
    });
    await box.write(`${box.remote}/hooks`, { update: '#!/bin/sh\nexit 0\n' });
    const { outcome } = await opened.queue.submit(adding('add-request', 'web', 'auth'), { again: true });
    expect(outcome).toMatchObject({
      tasks: [{ key: { project: 'web', id: 'TASK-3' } }, { key: { project: 'auth', id: 'TASK-3' } }],
    });
    expect(await statesOn(box, 'develop', 'web')).toEqual(['TASK-1 ready', 'TASK-2 ready', 'TASK-3 ready']);
    expect(await statesOn(box, 'develop-auth', 'auth')).toEqual(['TASK-1 ready', 'TASK-2 ready', 'TASK-3 ready']);
  });
});

describe('a branch that is named', () => {
  it('is the only one that is looked at, and is left only for a project that lives elsewhere', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await using opened = await openedBranches(box, 'a', { reach: 'this-branch' });
    const { queue, events } = opened;
    const key = async (project?: string): Promise<unknown> => {
      const { outcome, branch } = await queue.submit(
        claimIntent('a1', project === undefined ? {} : { filter: { project } }),
      );
      return [outcome.kind === 'claimed' && formatKey(outcome.key), branch];
    };
    expect(await key()).toEqual(['web/TASK-1', undefined]);
    expect(await key('auth')).toEqual(['auth/TASK-1', 'develop-auth']);
    expect(events).toContainEqual({
      kind: 'warning',
      message: 'auth lives on the branch develop-auth, as the settings on develop say: going there',
    });
    expect(await key()).toEqual(['web/TASK-2', undefined]);
    await expect(key()).rejects.toMatchObject({
      code: 'nothing-claimable',
      message: expect.stringContaining('other projects live on develop-auth, develop-pay, which were not looked at'),
    });
  });
});

it('gives stalled claims back on every branch', async () => {
  await using box = await branchScene({ clones: ['a'] });
  await using opened = await openedBranches(box, 'a');
  for (const project of ['web', 'auth']) await opened.queue.submit(claimIntent('a1', { filter: { project } }));
  const late = { now: () => Date.now() + 3_600_000 };
  await opened.queue.close();
  const { systemClock } = await import('../../../src/cli/command/system.ts');
  await using later = await openedBranches(box, 'a', { clock: { ...systemClock, ...late } });
  const sweep = { kind: 'release-stalled', request: 'sweep-1', agent: 'orchestrator' } as const;
  const { outcome } = await later.queue.submit(sweep);
  expect(outcome.kind === 'released-stalled' && outcome.tasks.map(({ key }) => formatKey(key))).toEqual([
    'web/TASK-1',
    'auth/TASK-1',
  ]);
  expect(await statesOn(box, 'develop-auth', 'auth')).toEqual(['TASK-1 ready', 'TASK-2 ready']);
});
