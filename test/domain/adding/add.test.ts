import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { LAYOUT_NAMES } from '../../../src/domain/queue/layouts.ts';
import { added, addIntent, emptyQueue, idsOf, NOW, planOf, refusalOf } from '../../kit/queues/new-tasks.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

describe('ids', () => {
  it.each<{ there: string[]; prefix?: string; next: string }>([
    { there: [], next: 'TASK-001' },
    { there: ['TASK-007'], next: 'TASK-008' },
    { there: ['TASK-7'], next: 'TASK-8' },
    { there: ['TASK-9', 'TASK-10'], next: 'TASK-11' },
    { there: ['TASK-099', 'TASK-100'], next: 'TASK-101' },
    { there: ['TASK-999'], next: 'TASK-1000' },
    { there: ['TASK-0999'], next: 'TASK-1000' },
    { there: ['AUTH-01', 'AUTH-02', 'TASK-900'], next: 'AUTH-03' },
    { there: ['setup', 'teardown'], next: 'TASK-001' },
    { there: ['007'], next: '008' },
    { there: ['api.v2-10'], next: 'api.v2-11' },
    { there: ['TASK-12345678901234567890'], next: 'TASK-001' },
    { there: ['TASK-007'], prefix: 'UI', next: 'UI-001' },
    { there: ['TASK-007', 'UI-3'], prefix: 'UI-', next: 'UI-4' },
    { there: ['task-008', 'TASK-007'], prefix: 'TASK', next: 'TASK-009' },
  ])('$there: $next', ({ there, prefix, next }) => {
    const snapshot = snapshotOf(there.length === 0 ? [] : there.map((id) => ({ id })));
    const fields = { project: 'auth', ...given({ idPrefix: prefix }) };
    expect(idsOf(snapshot, addIntent([{}], fields))).toEqual([next]);
  });

  it('of all folders are taken, also of files that cannot be read', () => {
    const snapshot = snapshotOf([
      { id: 'TASK-001', state: 'completed' },
      { id: 'TASK-002', state: 'claimed' },
      { id: 'TASK-003', unreadable: 'is empty' },
    ]);
    expect(idsOf(snapshot, addIntent([{}, { id: 'TASK-005' }, {}]))).toEqual(['TASK-006', 'TASK-005', 'TASK-007']);
  });

  it('that some task requires are not given to another task', () => {
    const snapshot = snapshotOf([{ id: 'TASK-001', required: ['TASK-002', 'TASK-003 (login)'] }]);
    expect(idsOf(snapshot, addIntent([{}, {}]))).toEqual(['TASK-004', 'TASK-005']);
    // By its name it is the task that was meant.
    expect(idsOf(snapshot, addIntent([{ id: 'TASK-002' }]))).toEqual(['TASK-002']);
  });

  it('go on from one add to the next in one batch', () => {
    const intents = [1, 2, 3].map((n) => addIntent([{}, {}], { request: `request${n}` }));
    const { commits, decisions } = decide(snapshotOf([{ id: 'TASK-001' }]), intents, NOW);
    expect(commits).toHaveLength(3);
    const ids = decisions.flatMap((one) =>
      one.kind === 'change' && one.outcome.kind === 'added' ? one.outcome.tasks.map(({ key }) => key.id) : [],
    );
    expect(ids).toEqual(['TASK-002', 'TASK-003', 'TASK-004', 'TASK-005', 'TASK-006', 'TASK-007']);
  });

  it('a task that was just added can be claimed in the same batch', () => {
    const claim = {
      kind: 'claim',
      request: 'request2',
      agent: 'a1',
      filter: {},
      attempt: 1,
      waitedMs: 0,
    } as const;
    const { decisions } = decide(snapshotOf([{ id: 'TASK-001', state: 'completed' }]), [addIntent([{}]), claim], NOW);
    expect(decisions[1]).toMatchObject({ kind: 'change', outcome: { kind: 'claimed', key: { id: 'TASK-002' } } });
  });
});

describe('status', () => {
  const there: TaskSpec[] = [
    { id: 'TASK-001', state: 'completed', batch: 'base' },
    { id: 'TASK-002', state: 'claimed', batch: 'base' },
    { id: 'TASK-003' },
  ];
  it.each<{ task: Parameters<typeof addIntent>[0][number]; status: string }>([
    { task: {}, status: 'ready' },
    { task: { required: ['none'] }, status: 'ready' },
    { task: { required: ['TASK-001'] }, status: 'ready' },
    { task: { required: ['TASK-001', 'TASK-002'] }, status: 'blocked' },
    { task: { required: ['auth/TASK-003'] }, status: 'blocked' },
    { task: { blocks: ['TASK-003'] }, status: 'ready' },
    { task: { status: 'blocked' }, status: 'blocked' },
    { task: { status: 'pending' }, status: 'pending' },
    { task: { status: 'ready', required: ['TASK-003'] }, status: 'ready' },
    { task: { holdUntil: '80% of base' }, status: 'pending' },
    { task: { holdUntil: '80% of base', status: 'ready' }, status: 'pending' },
    { task: { holdUntil: '50% of base' }, status: 'ready' },
    { task: { holdUntil: '50% of base', required: ['TASK-003'] }, status: 'blocked' },
    { task: { holdUntil: '50% of base', batch: 'base' }, status: 'pending' },
    { task: { holdUntil: 'all of later' }, status: 'pending' },
  ])('of $task is $status', ({ task, status }) => {
    expect(added(snapshotOf(there), addIntent([task])).tasks[0]?.status).toBe(status);
  });

  it('counts what comes in the same input into its batch', () => {
    const tasks = [{ batch: 'base' }, { holdUntil: '50% of base' }];
    expect(added(snapshotOf(there), addIntent(tasks)).tasks.map(({ status }) => status)).toEqual(['ready', 'pending']);
  });

  it('says so where no task is in the batch that is waited for', () => {
    const { notices } = added(snapshotOf(there), addIntent([{ holdUntil: 'all of bsae', place: 'plan.toon:3' }]));
    expect(notices).toEqual(['plan.toon:3: no task of auth is in the batch bsae yet']);
  });
});

describe('refs', () => {
  it('name tasks of the same input, whatever ids they get, and keep remarks', () => {
    const { plan } = planOf(
      snapshotOf([{ id: 'TASK-007' }]),
      addIntent([
        { ref: 'ui', required: ['api (the REST part)', 'TASK-007'], blocks: ['docs'] },
        { ref: 'api' },
        { ref: 'docs', required: ['ui', 'auth/TASK-007', 'ui'] },
      ]),
    );
    const documents = plan.commits[0]?.created?.map(({ document }) => document.dependencies);
    expect(documents).toEqual([
      { required: ['TASK-009 (the REST part)', 'TASK-007'], blocks: ['TASK-010'] },
      { required: [], blocks: [] },
      { required: ['TASK-008', 'auth/TASK-007'], blocks: [] },
    ]);
  });
});

describe('refused', () => {
  const there: TaskSpec[] = [
    { id: 'TASK-001', required: ['TASK-050'] },
    { id: 'TASK-002', required: ['TASK-001'] },
    { id: 'TASK-003', state: 'completed', required: ['TASK-051'] },
    { id: 'TASK-004', required: ['TASK-005'] },
    { id: 'TASK-005', required: ['TASK-004'] },
  ];
  const p = 'plan.toon:1';
  const q = 'plan.toon:2';
  it.each<{ tasks: Parameters<typeof addIntent>[0]; says: string }>([
    { tasks: [{ id: 'TASK-001', place: p }], says: 'task-exists: plan.toon:1: auth/TASK-001 exists already' },
    { tasks: [{ id: 'task-001' }], says: 'task-exists: auth/task-001 exists already' },
    { tasks: [{ id: 'TASK-003', place: p }], says: 'exists already, .agents/auth/completed/TASK-003.toon' },
    {
      tasks: [
        { id: 'A-1', place: p },
        { id: 'A-1', place: q },
      ],
      says: 'task-invalid: plan.toon:2: the id A-1 is given twice, first at plan.toon:1',
    },
    {
      tasks: [
        { ref: 'a', place: p },
        { ref: 'a', place: q },
      ],
      says: 'plan.toon:2: the ref a is given twice, first at plan.toon:1',
    },
    {
      tasks: [{ required: ['TASK-99'] }],
      says: 'task-invalid: --requires "TASK-99": there is no such task in project auth',
    },
    {
      tasks: [{ required: ['TASK-0001'], place: p }],
      says: 'there is no such task in project auth, nor in this input, did you mean TASK-001?',
    },
    { tasks: [{ required: ['apj'], place: p, requiredPlace: q }, { ref: 'api' }], says: 'plan.toon:2: requires "apj"' },
    {
      tasks: [{ required: ['biling/TASK-001'], place: p }, { project: 'billing' }],
      says: 'requires "biling/TASK-001": there is no project biling in this queue, nor in this input, did you mean billing/TASK-001?',
    },
    {
      tasks: [{ required: ['auth/TASK-01'], project: 'billing', place: p }],
      says: 'requires "auth/TASK-01": there is no such task in project auth, nor in this input, did you mean auth/TASK-001?',
    },
    {
      tasks: [{ required: ['billing/b'], place: p }, { ref: 'b' }, { ref: 'c', project: 'billing' }],
      says: 'requires "billing/b": there is no such task in project billing, nor in this input, did you mean billing/c?',
    },
    {
      tasks: [
        { ref: 'a', required: ['b'], place: p },
        { ref: 'b', project: 'billing', required: ['c'] },
        { ref: 'c', required: ['billing/X-1'] },
        { id: 'X-1', project: 'billing', required: ['auth/a'] },
      ],
      says: 'plan.toon:1: the dependencies form a cycle: a -> b -> c -> X-1 -> a',
    },
    { tasks: [{ id: 'A-1', required: ['A-1'], place: p }], says: 'A-1 requires itself' },
    { tasks: [{ ref: 'me', required: ['me'], place: p }], says: 'me requires itself' },
    {
      tasks: [
        { ref: 'a', required: ['b'], place: p },
        { ref: 'b', required: ['a'] },
      ],
      says: 'plan.toon:1: the dependencies form a cycle: a -> b -> a',
    },
    {
      tasks: [{ id: 'TASK-050', required: ['TASK-002'], place: p }],
      says: 'form a cycle: TASK-050 -> auth/TASK-002 -> auth/TASK-001 -> TASK-050',
    },
    // The next id would be TASK-006: nobody can have meant it.
    { tasks: [{ required: ['TASK-006'], place: p }], says: 'there is no such task' },
    { tasks: [{ batch: 'x', holdUntil: 'all of x', place: p }], says: 'the task is in the batch x itself' },
    { tasks: [{ batch: 'x', holdUntil: '90% of x' }, { batch: 'x' }], says: 'the task is in the batch x itself' },
  ])('$says', ({ tasks, says }) => {
    expect(refusalOf(snapshotOf(there), addIntent(tasks, { project: 'auth' }))).toContain(says);
  });

  it.each<{ tasks: Parameters<typeof addIntent>[0] }>([
    // What a completed task had to wait for holds nothing back any more.
    { tasks: [{ id: 'TASK-051', required: ['TASK-003'] }] },
    // A circle that was there before is for `validate` to tell.
    { tasks: [{ required: ['TASK-004'] }] },
  ])('not: $tasks', ({ tasks }) => {
    expect(idsOf(snapshotOf(there), addIntent(tasks))).toHaveLength(1);
  });

  it('a chain of thousands is no circle, and its end tied to its begin is one', () => {
    const chain = Array.from({ length: 5000 }, (_, n) => ({ ref: `r${n}`, required: n === 0 ? [] : [`r${n - 1}`] }));
    expect(idsOf(emptyQueue(), addIntent(chain, { project: 'p' }))).toHaveLength(5000);
    const tied = chain.map((task, n) => (n === 0 ? { ...task, required: ['r4999'] } : task));
    expect(refusalOf(emptyQueue(), addIntent(tied, { project: 'p' }))).toContain('r0 -> r4999 -> r4998');
  });
});

describe('the project', () => {
  it('is the only one, the one that is named, or refused', () => {
    const two = snapshotOf([{ id: 'TASK-001' }, { project: 'billing', id: 'B-1' }]);
    expect(added(snapshotOf([{ id: 'TASK-001' }]), addIntent([{}])).tasks[0]?.key.project).toBe('auth');
    expect(
      added(two, addIntent([{}, { project: 'auth' }], { project: 'billing' })).tasks.map(({ key }) => key),
    ).toEqual([
      { project: 'billing', id: 'B-2' },
      { project: 'auth', id: 'TASK-002' },
    ]);
    expect(refusalOf(two, addIntent([{ place: 'x:1' }]))).toBe(
      'usage: x:1: the task names no project, and this queue has 2 projects: auth, billing',
    );
    expect(refusalOf(emptyQueue(), addIntent([{}]))).toContain('this queue has no projects yet');
  });

  it.each(LAYOUT_NAMES)('that is new has the folders of the layout %s', (layout) => {
    const project = layout === 'flat' ? 'default' : 'shop';
    const { plan, decision } = planOf(emptyQueue(), addIntent([{}], { project, layout }));
    const [commit] = plan.commits;
    const paths = [
      ...(commit?.created ?? []).map(({ entry }) => entry.path),
      ...(commit?.files ?? []).map(({ path }) => path),
    ];
    expect(paths).toMatchSnapshot();
    expect(decision).toMatchObject({
      outcome: { notices: [expect.stringContaining('is a new project, in the layout')] },
    });
  });

  it.each(LAYOUT_NAMES)(
    'cannot be called like a folder of the layouts, nor like another but for case, in %s',
    (layout) => {
      if (layout === 'flat') return;
      for (const project of ['tasks', 'claimed', 'completed', 'projects', 'state', 'Config']) {
        expect(refusalOf(emptyQueue(), addIntent([{}], { project, layout }))).toContain('no new project can be named');
      }
      const one = snapshotOf([{ project: 'Auth', id: 'A-1' }]);
      expect(refusalOf(one, addIntent([{}], { project: 'auth', layout }))).toContain('usage: no new project');
      expect(refusalOf(emptyQueue(), addIntent([{ project: 'a' }, { project: 'A' }], { layout }))).toContain(
        '"A" beside "a"',
      );
    },
  );

  it('has the layout of the others, or agents', () => {
    expect(added(emptyQueue(), addIntent([{}], { project: 'shop' })).tasks[0]?.path).toBe(
      '.agents/shop/tasks/TASK-001.toon',
    );
    const core = planOf(emptyQueue(), addIntent([{}], { project: 'auth', layout: 'core' })).plan.commits[0]
      ?.created?.[0]?.entry;
    if (!core) throw new Error('nothing created');
    const snapshot = {
      ...emptyQueue(),
      projects: new Map([['auth', { name: 'auth', locations: [core.location], entries: [core], stalls: new Map() }]]),
    };
    expect(added(snapshot, addIntent([{}], { project: 'shop' })).tasks[0]?.path).toMatch(
      /^\.agents-core\/state\/shop\//,
    );
    expect(refusalOf(snapshot, addIntent([{}], { project: 'auth', layout: 'bare' }))).toContain(
      '--layout bare is for new projects',
    );
  });

  it.each<{ project: string; layout: 'flat' | 'agents' | 'bare'; says: string }>([
    { project: 'shop', layout: 'flat', says: 'has one project, named default' },
    { project: 'claimed', layout: 'agents', says: 'no new project can be named "claimed"' },
    { project: 'shop', layout: 'bare', says: 'allow the layouts agents, flat, not bare' },
  ])('$project in $layout: $says', ({ project, layout, says }) => {
    expect(refusalOf(emptyQueue(['agents', 'flat']), addIntent([{}], { project, layout }))).toContain(says);
  });
});

describe('the commit', () => {
  it('names its tasks, in order, once each', () => {
    const [commit] = planOf(snapshotOf([{ id: 'TASK-001' }]), addIntent([{}, { id: 'A-1' }], { agent: 'planner' })).plan
      .commits;
    expect(commit).toMatchObject({ subject: '[ORCHESTRATOR] Added 2 tasks to auth', author: 'planner', tasks: [] });
    expect(commit?.trailers.map(({ key, value }) => `${key}: ${value}`)).toEqual([
      'Agentq-Task: auth/TASK-002',
      'Agentq-Task: auth/A-1',
      'Agentq-Agent: planner',
      'Agentq-Request: request1',
    ]);
    const both = addIntent([{}, { project: 'new' }], { project: 'auth' });
    expect(planOf(snapshotOf([{ id: 'TASK-001' }]), both).plan.commits[0]?.subject).toBe(
      '[ORCHESTRATOR] Added 2 tasks to 2 projects',
    );
  });
});
