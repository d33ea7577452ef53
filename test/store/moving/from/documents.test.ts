import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Tracker } from '../../../../src/domain/moving/foreign-task.ts';
import { readSource } from '../../../../src/store/moving/from/read-source.ts';
import { type MovePlan, toTasks } from '../../../../src/store/moving/to-tasks.ts';

/** What becomes of folders of documents, with the oddities that files in public repositories have. */
const root = mkdtempSync(join(tmpdir(), 'agentq-moving-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
async function moved(
  tracker: Tracker,
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
) {
  const path = join(root, String(count++));
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(path, name));
  const { rules, tasks, skipped } = await readSource(tracker, { kind: 'folder', path, shown: '.' });
  const options = { rules, done: 'leave', ids: 'keep', known: new Map(), agent: 'a1', now: 0 } as const;
  return { ...toTasks(tasks, options), skipped };
}
const reasons = ({ left, remarks }: MovePlan) => [...left, ...remarks].map(({ name, reason }) => `${name}: ${reason}`);

describe('tasks of Backlog.md', () => {
  const task = (front: string, body = '') => `---\n${front}\n---\n${body}`;
  const body = [
    '',
    '## Description',
    '',
    '<!-- SECTION:DESCRIPTION:BEGIN -->',
    'What to do.',
    '',
    '```md',
    '## Acceptance Criteria',
    '- [ ] #9 no criterion, but an example',
    '```',
    '<!-- SECTION:DESCRIPTION:END -->',
    '',
    '## Acceptance Criteria',
    '<!-- AC:BEGIN -->',
    '- [ ] #1 It works',
    '      in two lines',
    '- [x] #2 `#3` stays',
    '<!-- AC:END -->',
    '',
    '## Implementation Plan',
    '',
    '1. Think',
    '',
  ].join('\r\n');

  it('keep text, criteria, labels and people, whatever YAML makes of them', async () => {
    const front = [
      'id: BACK-7',
      "title: 'Payment: card #2'",
      'status: To Do',
      'assignee: @ann',
      "created_date: '2026-01-02 03:04'",
      'labels: [cli, "area:pay"]',
      'dependencies: []',
      'priority: High',
      'milestone: m-1',
      'references:',
      "  - 'https://x.example/1'",
      'ordinal: 0700',
      '__proto__: {a: 1}',
    ].join('\n');
    const plan = await moved('backlog', {
      'backlog/tasks/back-7 - x.md': task(front, body),
      'backlog/tasks/readme.md': 'x',
    });
    expect(plan.tasks).toMatchObject([
      {
        id: 'BACK-7',
        ref: 'backlog#BACK-7',
        place: './backlog/tasks/back-7 - x.md:1',
        title: 'Payment: card #2',
        priority: 8,
        batch: 'm-1',
        summary: 'What to do.',
        details: [
          '```md',
          '## Acceptance Criteria',
          '- [ ] #9 no criterion, but an example',
          '```',
          '',
          '## Implementation Plan',
          '',
          '1. Think',
          '',
          '## References',
          '',
          '- https://x.example/1',
        ].join('\n'),
        criteria: ['It works\nin two lines', '`#3` stays'],
        labels: { cli: true, area: 'pay' },
        rest: { metadata: { created_at: '2026-01-02T03:04:00Z', assignees: 'ann' } },
      },
    ]);
  });

  it('wait for others by names of another case or prefix, and what was put away counts as done', async () => {
    const plan = await moved('backlog', {
      'tasks/a.md': task('id: BACK-1\ntitle: A\nstatus: To Do\ndependencies: [task-2, task-3.1, BACK-9, back-4]'),
      'tasks/b.md': task('id: BACK-2\ntitle: B\nstatus: In Progress\nassignee:\n  - @bob\nparent_task_id: back-1'),
      'tasks/d.md': task("id: BACK-4\ntitle: D\nstatus: Won't Do"),
      'completed/c.md': task('id: BACK-3.01\ntitle: C\nstatus: To Do'),
    });
    expect(plan.tasks).toMatchObject([
      { id: 'BACK-1', required: ['backlog#BACK-2'] },
      { id: 'BACK-2', required: [], labels: { parent: 'back-1' } },
    ]);
    expect(plan.tasks[1]?.rest.notes).toEqual({
      '1970-01-01T00:00:00Z a1': 'In Progress in backlog, and bob was at work on it',
    });
    expect(reasons(plan)).toEqual([
      "BACK-4: it will not be done (Won't Do in backlog)",
      'BACK-3.01: it is done (To Do in backlog)',
      'BACK-1: it required task-3.1, which is done',
      'BACK-1: it required BACK-9, which is not in this input',
      "BACK-1: it required back-4, which will not be done (Won't Do in backlog)",
      'BACK-2: it was in progress, by bob: it is open here',
    ]);
  });

  it('that are broken are named, and links out of the folder are not followed', async () => {
    const secret = join(root, 'secret.md');
    writeFileSync(secret, task('id: S-1\ntitle: Secret'));
    const fine = { 'tasks/a.md': task('id: A-1\ntitle: A') };
    const plan = await moved('backlog', fine, { 'tasks/b.md': secret, completed: root });
    expect(plan.tasks.map(({ id }) => id)).toEqual(['A-1']);
    expect(plan.skipped).toEqual([{ name: './tasks/b.md', reason: 'it is a symbolic link' }]);
    const laughs = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefghij'.split('').map((key, at) => {
        const from = 'abcdefghij'[at];
        return `${key}: &${key} [*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from}]`;
      }),
    ];
    const many = await moved('backlog', { 'tasks/a.md': task(`${laughs.join('\n')}\nid: A-1\ntitle: A`) });
    expect(many.tasks).toHaveLength(1);
    for (const [front, words] of [
      ['id: A-1', './tasks/a.md:1: title must be text, not missing'],
      ['id: A-1\ntitle: [x]', './tasks/a.md:3: title must be text, not a list'],
      ['id: A-1\ntitle: "x\nid: B', './tasks/a.md:'],
      ['id: A-1\nid: A-2\ntitle: x', './tasks/a.md:3: not readable as YAML: duplicated mapping key'],
      [`${laughs.join('\n')}\nid: A-1\ntitle: A\nlabels: *j`, './tasks/a.md:14: labels must be of another form'],
    ] as const) {
      await expect(moved('backlog', { 'tasks/a.md': task(front) }), front).rejects.toThrow(words);
    }
    await expect(moved('backlog', { 'tasks/a.md': 'no front matter' })).rejects.toThrow(
      './tasks/a.md:1: there is no YAML',
    );
    await expect(moved('backlog', { 'x.txt': '' })).rejects.toThrow('.: there is no task of backlog in this folder');
  });
});

describe('check lists in Markdown', () => {
  const text = [
    '# Plan',
    '',
    '- [ ] Sign in (P1) #auth #area/web',
    '      with a second line',
    '',
    '  > and a quotation',
    '  - [ ] Form <!-- not shown -->',
    '  - [x] Table',
    '  - no task',
    '- [X] Done before',
    '- plain',
    '',
    '## Later',
    '1. [ ] Numbered [priority: low]',
    '* [ ] Same',
    '* [ ] Same',
    '',
    '```',
    '- [ ] code',
    '```',
  ].join('\n');

  it('have a task for each box, parts below the whole, and the heading as the batch', async () => {
    const { tasks, left } = await moved('markdown', { 'TODO.md': text });
    expect(tasks.map(({ title, batch, priority }) => [title, batch, priority])).toEqual([
      ['Sign in', 'Plan', 8],
      ['Form', 'Plan', undefined],
      ['Numbered', 'Later', 4],
      ['Same', 'Later', undefined],
      ['Same', 'Later', undefined],
    ]);
    expect(tasks[0]).toMatchObject({
      place: './TODO.md:3',
      labels: { auth: true, area: 'web' },
      summary: 'with a second line',
      details: '> and a quotation',
      required: [tasks[1]?.ref],
    });
    expect(new Set(tasks.map(({ ref }) => ref)).size).toBe(5);
    expect(left.map(({ place, reason }) => `${place} ${reason}`)).toEqual([
      './TODO.md:8 it is done (done in markdown)',
      './TODO.md:10 it is done (done in markdown)',
    ]);
  });

  it('are the same tasks in the next version of the file, wherever they are then', async () => {
    const before = await moved('markdown', { 'TODO.md': text });
    const after = await moved('markdown', { 'PLAN.md': text.replace('# Plan\n', '# Plan\n\n- [ ] New\n') });
    expect(after.tasks.slice(1).map(({ ref }) => ref)).toEqual(before.tasks.map(({ ref }) => ref));
  });
});

describe('items of pm', () => {
  const toon = [
    'id: pm-u9d0',
    'title: "CI: faster"',
    'description: Short',
    'type: Chore',
    'status: open',
    'priority: 1',
    'tags[2]: ci,"area:docs"',
    'created_at: "2026-05-21T21:57:10.762Z"',
    'author: agent-1',
    'acceptance_criteria: It is faster',
    'parent: pm-aa',
    'blocked_by: pm-bb',
    'dependencies[2]{id,kind,created_at,author}:',
    '  pm-bb,blocks,"2026-03-08T16:08:41.139Z",x',
    '  pm-cc,related,"2026-03-08T16:08:41.139Z",x',
    'notes[1]{created_at,author,text}:',
    '  "2026-03-08T16:08:41.139Z",ann,"Two, or three"',
    'body: ""',
    '',
  ].join('\n');
  const json = JSON.stringify(
    { id: 'pm-bb', title: 'B', status: 'in_progress', priority: 0, assignee: 'bob' },
    null,
    2,
  );

  it('are read from TOON and from the older form, in all folders', async () => {
    const plan = await moved('pm', {
      '.agents/pm/chores/pm-u9d0.toon': toon,
      '.agents/pm/tasks/pm-bb.md': `${json}\n\n## Body\n\nText\n`,
      '.agents/pm/tasks/pm-cc.md': `${json.replace('pm-bb', 'pm-cc').replace('in_progress', 'canceled')}\n`,
      '.agents/pm/epics/pm-aa.toon': 'id: pm-aa\ntitle: Epic\nstatus: closed\n',
      '.agents/pm/assurance.json': '{}',
      '.agents/pm/notes.md': '# Notes',
    });
    expect(plan.tasks).toMatchObject([
      {
        id: 'pm-u9d0',
        title: 'CI: faster',
        type: 'chore',
        priority: 8,
        labels: { ci: true, area: 'docs', parent: 'pm-aa' },
        required: ['pm#pm-bb'],
        criteria: ['It is faster'],
        details: '## Notes\n\nann, 2026-03-08T16:08:41Z:\nTwo, or three',
        rest: { dependencies: { related: ['pm-cc (related)'] }, metadata: { created_by: 'agent-1' } },
      },
      { id: 'pm-bb', priority: 10, summary: '## Body', details: 'Text', rest: {} },
    ]);
    expect(reasons(plan)).toEqual([
      'pm-aa: it is done (closed in pm)',
      'pm-cc: it will not be done (canceled in pm)',
      'pm-bb: it was in progress, by bob: it is open here',
    ]);
    const broken = { '.agents/pm/tasks/x.toon': toon.replace('tags[2]', 'tags[3]') };
    await expect(moved('pm', broken)).rejects.toThrow(/^\.\/\.agents\/pm\/tasks\/x\.toon:\d+: not readable as TOON/);
  });
});
