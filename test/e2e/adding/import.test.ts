import { expect, it } from 'vitest';
import { AddBench } from '../../kit/scene/add-bench.ts';

const issue = (id: string, fields: object = {}) => ({
  id,
  title: `Title of ${id}`,
  status: 'open',
  priority: 2,
  ...fields,
});
const lines = (...values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** The story of a team that moves from beads, and goes on with it for a while. */
it('a team moves here in one command, looks first, and can do it again', async () => {
  await using bench = await AddBench.create();
  const blocks = { dependencies: [{ issue_id: 'bd-b', depends_on_id: 'bd-a', type: 'blocks' }] };
  await bench.box.write('clone', {
    '.beads/issues.jsonl': lines(
      issue('bd-a', { priority: 0 }),
      issue('bd-b', blocks),
      issue('bd-c', { status: 'closed' }),
    ),
  });
  const before = await bench.tip();
  const dry = await bench.run(['import', 'beads', '--dry-run']);
  expect(dry.stdout.split('\n')).toEqual([
    'beads#bd-a -> auth/bd-a (ready, priority 10): Title of bd-a',
    'beads#bd-b -> auth/bd-b (waiting, priority 6): Title of bd-b',
    'left out bd-c: it is done (closed in beads) (./.beads/issues.jsonl:3)',
    '',
  ]);
  expect([dry.code, await bench.tip()]).toEqual([0, before]);

  const first = await bench.run(['import', 'beads']);
  expect(first).toMatchObject({ code: 0, stdout: 'auth/bd-a\nauth/bd-b\n' });
  expect(first.stderr).toContain('left out bd-c: it is done (closed in beads); --closed moves them as completed tasks');
  expect(await bench.log('%s', '-1')).toBe('[ORCHESTRATOR] Added 2 tasks to auth');
  expect(await bench.box.git(bench.box.remote, 'rev-list', '--count', `${before}..develop`)).toBe('1');

  // Somebody changes a title there, closes one, and adds another; with --closed the history comes, too.
  const changed = lines(
    issue('bd-a', { status: 'closed', closed_at: '2026-02-01T10:00:00Z', assignee: 'ann' }),
    issue('bd-b', { ...blocks, title: 'Other title' }),
    issue('bd-c', { status: 'closed' }),
    issue('bd-d', { dependencies: [{ depends_on_id: 'bd-c', type: 'blocks' }] }),
  );
  const second = await bench.run(['import', 'beads', '-', '--closed', '--json'], changed);
  expect(JSON.parse(second.stdout).tasks).toMatchObject([
    { ref: 'beads#bd-a', change: 'updated', state: 'completed', completion: { agent: 'ann' } },
    { task: 'bd-b', change: 'updated', state: 'ready', title: 'Other title' },
    { task: 'bd-c', change: 'added', state: 'completed' },
    { task: 'bd-d', change: 'added', state: 'ready', requires: ['bd-c'] },
  ]);
  const third = await bench.run(['import', 'beads', '-', '--closed', '--json'], changed);
  expect(JSON.parse(third.stdout)).toMatchObject({
    commit: null,
    tasks: [{ change: 'kept' }, { change: 'same' }, { change: 'kept' }, { change: 'same' }],
  });
  expect((await bench.run(['validate'])).code).toBe(0);

  // The id of another task is not taken over, and a circle is named by file and line; both change nothing.
  const now = await bench.tip();
  const taken = await bench.run(['import', 'beads', '-'], lines(issue('TASK-007')));
  expect([taken.code, taken.stderr]).toEqual([5, expect.stringContaining('--new-ids')]);
  const needs = (other: string) => ({ dependencies: [{ depends_on_id: other, type: 'blocks' }] });
  const circle = await bench.run(['import', 'beads', '-'], lines(issue('x', needs('y')), issue('y', needs('x'))));
  expect([circle.code, circle.stderr]).toEqual([5, expect.stringMatching(/stdin:1: the dependencies form a cycle/)]);
  expect((await bench.run(['import', 'jira'])).code).toBe(64);
  expect(await bench.tip()).toBe(now);
});

it('everything can be taken away, and comes back as it was', async () => {
  await using bench = await AddBench.create();
  expect(
    (await bench.run(['import', 'beads', '-', '--closed'], lines(issue('bd-a', { status: 'closed' }), issue('bd-b'))))
      .code,
  ).toBe(0);
  expect((await bench.run(['claim', 'a1', '--task', 'TASK-007'])).code).toBe(0);
  const { stdout: text, code } = await bench.run(['export', '--format', 'jsonl']);
  expect(code).toBe(0);
  const tasks = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(tasks.map(({ task, state }) => `${task} ${state}`)).toEqual([
    'TASK-007 claimed',
    'bd-a completed',
    'bd-b ready',
  ]);

  await using other = await AddBench.create({
    '.agents/auth/tasks/TASK-007.toon': 'task:\n title: Another\n status: ready\n',
  });
  const taken = await other.run(['import', 'agentq', '-'], text);
  expect([taken.code, taken.stderr]).toEqual([
    5,
    expect.stringContaining('auth/TASK-007 exists already, and is another task'),
  ]);
  const numbered = await other.run(['import', 'agentq', '-', '--new-ids'], text);
  expect(numbered).toMatchObject({ code: 0, stdout: 'auth/TASK-008\nauth/TASK-009\nauth/TASK-010\n' });
  expect(numbered.stderr).toContain('auth/TASK-007: it was in progress, by a1: it is open here');
  expect((await other.run(['import', 'agentq', '-', '--project', 'web'], text)).code).toBe(0);
  const again = JSON.parse((await other.run(['import', 'agentq', '-', '--project', 'web', '--json'], text)).stdout);
  expect(again).toMatchObject({ commit: null, tasks: [{ change: 'same' }, { change: 'kept' }, { change: 'same' }] });
  const back = JSON.parse((await other.run(['export', 'web', '--json'])).stdout);
  expect(back.tasks).toMatchObject([
    {
      project: 'web',
      task: 'TASK-007',
      state: 'ready',
      notes: [{ text: 'claimed in agentq, and a1 was at work on it' }],
    },
    { ...tasks[1], project: 'web', path: expect.any(String) },
    { ...tasks[2], project: 'web', path: expect.any(String) },
  ]);
});
