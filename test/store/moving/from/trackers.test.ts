import { describe, expect, it } from 'vitest';
import type { Tracker } from '../../../../src/domain/moving/foreign-task.ts';
import { readSource } from '../../../../src/store/moving/from/read-source.ts';
import { type MoveOptions, type MovePlan, toTasks } from '../../../../src/store/moving/to-tasks.ts';

/** What becomes of texts in the form of each tracker, with the oddities that files in public repositories have. */
const NOW = Date.parse('2026-03-01T12:00:00Z');
type How = Partial<Pick<MoveOptions, 'done' | 'ids' | 'known'>>;

async function moved(tracker: Tracker, text: string, how: How = {}, name = 'in'): Promise<MovePlan> {
  const { rules, tasks } = await readSource(tracker, { kind: 'text', text: { name, text } });
  const known = new Map();
  return toTasks(tasks, { rules, done: 'leave', ids: 'keep', known, agent: 'orchestrator', now: NOW, ...how });
}
const lines = (...values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const reasons = ({ left, remarks }: MovePlan) => [...left, ...remarks].map(({ name, reason }) => `${name}: ${reason}`);

describe('issues of GitHub', () => {
  const issue = {
    number: 12,
    title: 'Sign in \u001b[31mfails\u0007',
    body: 'First line\r\n\r\n- a\r\n- b\r\n',
    labels: [{ id: 'x', name: 'priority: high', color: 'f00' }, { name: 'area/auth' }, { name: 'good first issue' }],
    state: 'OPEN',
    assignees: [{ login: 'ann', name: '' }],
    milestone: { number: 1, title: 'v1' },
    url: 'https://github.com/o/r/issues/12',
  };

  it('keep text, labels, milestone and people', async () => {
    const { tasks } = await moved(
      'github',
      JSON.stringify([issue, { ...issue, number: 13, labels: [{ name: 'bug' }] }]),
    );
    expect(tasks[0]).toMatchObject({
      ref: 'github#12',
      title: 'Sign in [31mfails',
      priority: 8,
      summary: 'First line',
      details: '- a\n- b',
      labels: { priority: 'high', area: 'auth', 'good-first-issue': true },
      batch: 'v1',
      rest: { metadata: { issue: issue.url, assignees: 'ann' } },
    });
    expect(tasks[0]).not.toHaveProperty('id');
    expect(tasks[1]).toMatchObject({ type: 'bug', place: 'in:1' });
  });

  it('are left out when they are closed, unless they are wanted, or were moved while they were open', async () => {
    const text = JSON.stringify([
      { ...issue, state: 'CLOSED', closedAt: '2026-02-01T00:00:00Z' },
      { ...issue, number: 13, state: 'CLOSED', stateReason: 'NOT_PLANNED' },
    ]);
    expect(reasons(await moved('github', text))).toEqual([
      '12: it is done (closed in github)',
      '13: it will not be done (closed in github)',
    ]);
    const completion = { at: '2026-02-01T00:00:00Z', by: 'ann' };
    expect((await moved('github', text, { done: 'move' })).tasks).toMatchObject([{ ref: 'github#12', completion }]);
    const known = new Map([['github#12', 'ready' as const]]);
    expect((await moved('github', text, { known })).tasks).toMatchObject([{ ref: 'github#12', completion }]);
  });

  it('that are none are refused with file, line and field', async () => {
    for (const [text, words] of [
      ['{"a": 1}', 'in:1: the document must be a list, not a map'],
      ['[\n {"number": 1,\n  "title": 7}]', 'in:3: 0.title must be text, not "7"'],
      ['[\n {"number": 1}]', 'in:2: 0.title must be text, not missing'],
      ['[{"number": 1, "title": "x"', 'in:1: not readable as JSON'],
      ['[{"number": 1, "title": ""}]', 'in:1: title is missing'],
      [
        JSON.stringify([{ number: 1, title: 'x', body: 'y'.repeat(600_000) }]),
        'in:1: summary is 600000 characters long',
      ],
      [
        JSON.stringify([issue, { ...issue, title: 'other' }]),
        'in:1: "12" is there twice, first at in:1, and they differ',
      ],
    ] as const) {
      await expect(moved('github', text), text.slice(0, 40)).rejects.toThrow(words);
    }
    expect(
      (await moved('github', `[${JSON.stringify({ ...issue, title: `x${'y'.repeat(400)}` })}]`)).tasks[0],
    ).toMatchObject({ title: expect.stringMatching(/^xy{298}…$/), summary: `x${'y'.repeat(400)}` });
    expect(
      (await moved('github', '[{"number":1,"title":"a","__proto__":{"body":"b"},"labels":[{"name":"__proto__"}]}]'))
        .tasks,
    ).toMatchObject([{ title: 'a' }]);
  });
});

describe('issues of beads', () => {
  const issue = (id: string, fields: object = {}) => ({ id, title: id, status: 'open', priority: 1, ...fields });
  const needs = (id: string, other: string, type: string) => ({ issue_id: id, depends_on_id: other, type });

  it('keep their ids, and P0 is the highest priority', async () => {
    const text = lines(
      {
        _type: 'issue',
        ...issue('bd-a1b2', { priority: 0, issue_type: 'bug', labels: ['area:x', 'y'], description: 'D' }),
      },
      issue('bd-a1b2.1', { priority: 4, design: 'How', acceptance_criteria: '- [ ] one\n- two', created_by: 'Ann B' }),
      { _type: 'memory', key: 'k', value: 'v' },
    );
    const { tasks } = await moved('beads', text);
    expect(tasks).toMatchObject([
      { id: 'bd-a1b2', ref: 'beads#bd-a1b2', priority: 10, type: 'bug', labels: { area: 'x', y: true }, summary: 'D' },
      { id: 'bd-a1b2.1', priority: 2, criteria: ['one', 'two'], rest: { metadata: { created_by: 'Ann B' } } },
    ]);
    expect((await moved('beads', text, { ids: 'new' })).tasks[0]).not.toHaveProperty('id');
  });

  it('wait for what blocks them, and an epic for its parts, which wait for what the epic waits for', async () => {
    const plan = await moved(
      'beads',
      lines(
        issue('e', { issue_type: 'epic', dependencies: [needs('e', 'x', 'blocks'), needs('e', 'p2', 'blocks')] }),
        issue('p1', { dependencies: [needs('p1', 'e', 'parent-child'), needs('p1', 'r', 'discovered-from')] }),
        issue('p2', { dependencies: [needs('p2', 'e', 'parent-child'), needs('p2', 'gone', 'blocks')] }),
        issue('x', { dependencies: [needs('x', 'y', 'blocks'), needs('x', 't', 'blocks')] }),
        issue('y', { status: 'closed' }),
        issue('t', { status: 'tombstone' }),
        issue('odd', { dependencies: [needs('odd', 'whole', 'parent-child'), needs('odd', 'whole', 'blocks')] }),
        issue('whole'),
      ),
    );
    const required = Object.fromEntries(plan.tasks.map(({ id, required }) => [id, required]));
    expect(required).toEqual({
      e: ['beads#x', 'beads#p2', 'beads#p1'],
      p1: ['beads#x'],
      p2: ['beads#x'],
      x: [],
      odd: ['beads#whole'],
      whole: [],
    });
    expect(plan.tasks[1]).toMatchObject({
      labels: { parent: 'e' },
      rest: { dependencies: { related: ['r (discovered-from)'] } },
    });
    expect(reasons(plan)).toEqual([
      'y: it is done (closed in beads)',
      't: it will not be done (tombstone in beads)',
      'p2: it required gone, which is not in this input',
      'x: it required y, which is done',
      'x: it required t, which will not be done (tombstone in beads)',
    ]);
  });

  it('say in a note who was at work, and are blocked where they were put off', async () => {
    const plan = await moved(
      'beads',
      lines(
        issue('a', { status: 'in_progress', assignee: 'Ann', started_at: '2026-02-01T10:00:00.5+01:00' }),
        issue('b', { status: 'deferred', defer_until: '2026-09-01' }),
        issue('c', { status: 'blocked' }),
        issue('d', { status: 'blocked', dependencies: [needs('d', 'c', 'blocks')] }),
        issue('m', { issue_type: 'message' }),
      ),
    );
    expect(plan.tasks).toMatchObject([
      { rest: { notes: { '2026-02-01T09:00:00Z orchestrator': 'in_progress in beads, and Ann was at work on it' } } },
      { status: 'blocked', rest: { task: { blocked_reason: 'deferred until 2026-09-01 in beads' } } },
      { status: 'blocked', rest: { task: { blocked_reason: 'blocked in beads' } } },
      { required: ['beads#c'], rest: {} },
    ]);
    expect(plan.tasks[3]).not.toHaveProperty('status');
    expect(plan.left).toMatchObject([
      { name: 'm', reason: 'it will not be done (a record of the kind message in beads)' },
    ]);
    // What people have freed since stays free.
    const known = new Map([['beads#b', 'ready' as const]]);
    expect((await moved('beads', lines(issue('b', { status: 'deferred' })), { known })).tasks[0]).not.toHaveProperty(
      'status',
    );
  });

  it('of which two lines say the same are one, and a broken line is named', async () => {
    const copies = await moved('beads', `${lines(issue('a'))}\n${lines(issue('a'), issue('b'))}`);
    expect(copies.tasks).toHaveLength(2);
    expect(reasons(copies)).toEqual(['a: it is the same as in:1']);
    await expect(moved('beads', lines(issue('a'), issue('a', { title: 'x' })))).rejects.toThrow(
      'in:2: "a" is there twice',
    );
    await expect(moved('beads', `${lines(issue('a'))}{"id": "b", "title"`)).rejects.toThrow(
      'in:2: not readable as JSON',
    );
    await expect(moved('beads', lines(issue('a', { priority: 'high' })))).rejects.toThrow('in:1:');
  });
});

describe('tasks of task-master', () => {
  const whole = {
    id: 2,
    title: 'Two',
    description: 'Short',
    details: 'Long\nlines',
    testStrategy: 'Try it',
    status: 'pending',
    priority: 'high',
    dependencies: [1],
    subtasks: [
      { id: 1, title: 'First', status: 'done', dependencies: [] },
      { id: 2, title: 'Second', status: 'pending', dependencies: [1, '2.3', 1.1] },
      { id: 3, title: 'Third', status: 'in-progress', dependencies: ['1'] },
    ],
  };
  const one = { id: '1', title: 'One', status: 'review', priority: 'medium', subtasks: [] };

  it('have a task for each part, in the older form and with tags', async () => {
    for (const document of [{ tasks: [one, whole] }, { master: { tasks: [one, whole], metadata: {} } }]) {
      const plan = await moved('taskmaster', JSON.stringify(document));
      expect(plan.tasks.map(({ ref, required }) => [ref, required])).toEqual([
        ['taskmaster#1', []],
        ['taskmaster#2', ['taskmaster#1', 'taskmaster#2.2', 'taskmaster#2.3']],
        ['taskmaster#2.2', ['taskmaster#2.3', 'taskmaster#1']],
        ['taskmaster#2.3', ['taskmaster#1']],
      ]);
      expect(plan.tasks[1]).toMatchObject({
        priority: 8,
        summary: 'Short',
        details: expect.stringContaining('Try it'),
      });
      expect(plan.tasks[2]).toMatchObject({ priority: 8, title: 'Second' });
      expect(reasons(plan)).toContain('2.2: it required 2.1, which is done');
    }
  });

  it('of other tags are in a batch, and a number that is there twice gets another name', async () => {
    const part = { id: 7, title: 'Part', status: 'pending' };
    const twice = { ...one, id: 3, subtasks: [part, { ...part, title: 'Other' }] };
    const plan = await moved('taskmaster', JSON.stringify({ master: { tasks: [one] }, 'my tag': { tasks: [twice] } }));
    expect(plan.tasks.map(({ ref, batch }) => [ref, batch])).toEqual([
      ['taskmaster#1', undefined],
      ['taskmaster#my-tag:3', 'my tag'],
      ['taskmaster#my-tag:3.7', 'my tag'],
      ['taskmaster#my-tag:3.7-2', 'my tag'],
    ]);
    expect(reasons(plan)).toContain('my tag:3.7-2: "my tag:3.7" is there twice, first at in:1, and they differ');
  });

  it('that are none are refused', async () => {
    await expect(moved('taskmaster', '[]')).rejects.toThrow('in:1: the document must be a map');
    await expect(moved('taskmaster', '{"a": {}}')).rejects.toThrow('in: there is no list of tasks in it');
    await expect(moved('taskmaster', '{"tasks": [\n{"id": 1}]}')).rejects.toThrow('in:2: tasks.0.title must be text');
  });
});
