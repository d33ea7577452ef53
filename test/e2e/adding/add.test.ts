import { describe, expect, it } from 'vitest';
import { LAYOUT_NAMES } from '../../../src/domain/queue/layouts.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { HttpGitServer } from '../../kit/remotes/http-git-server.ts';
import { sampleOf } from '../../kit/sample.ts';
import { AddBench } from '../../kit/scene/add-bench.ts';

describe('agentq add', () => {
  it('adds one task by options, as canonical TOON, in one commit, and the checkout follows', async () => {
    await using bench = await AddBench.create();
    const done = await bench.run([
      ...['add', '--title', 'Fix the login: now', '--type', 'backend', '--priority', '8', '--agent', 'planner'],
      ...['--requires', 'TASK-007', '--blocks', 'TASK-099', '--criterion', 'It works, always', '--criterion', 'a: b'],
      ...['--label', 'tier=3', '--summary', 'Short', '--details', 'One\n\n two', '--batch', 'base'],
      ...['--needs', 'gpu,TASK-007'],
    ]);
    expect(done).toMatchObject({ code: 0, stdout: 'auth/TASK-008\n' });
    expect(done.stderr).toContain('[planner] added auth/TASK-008 (waiting): Fix the login: now');
    const text = await bench.box.read('clone', '.agents/auth/tasks/TASK-008.toon');
    expect(text).toBe((await bench.files())['.agents/auth/tasks/TASK-008.toon']);
    expect(text.replace(/created_at: ".*"/, 'created_at: AT')).toBe(
      [
        'task:',
        '  id: TASK-008',
        '  project: auth',
        '  title: "Fix the login: now"',
        '  type: backend',
        '  priority: 8',
        '  status: blocked',
        '  batch: base',
        '  labels:',
        '    tier: "3"',
        '  needs[1]: gpu',
        'description:',
        '  summary: Short',
        '  details: "One\\n\\n two"',
        'acceptance_criteria[2]: "It works, always","a: b"',
        'dependencies:',
        '  required[1]: TASK-007',
        '  blocks[1]: TASK-099',
        'metadata:',
        '  created_by: planner',
        '  created_at: AT',
        '',
      ].join('\n'),
    );
    expect(await bench.log('%an <%ae> %cn%n%s%n%(trailers:only=true)', '-1')).toMatch(
      /^planner <planner@agentq\.invalid> Test User\n\[ORCHESTRATOR\] Added 1 task to auth\nAgentq-Task: auth\/TASK-008\nAgentq-Agent: planner\nAgentq-Request: \S+\n$/,
    );
  });

  const PLAN = [
    { ref: 'ui', title: 'UI', requires: ['api (first)', 'TASK-007'], labels: { tier: 2 } },
    { ref: 'api', title: 'API', priority: 9 },
    { id: 'DOC-1', title: 'Docs', requires: ['ui'] },
  ];
  const FORMATS: Record<string, string> = {
    'plan.json': JSON.stringify(PLAN, undefined, 2),
    'tasks.json': JSON.stringify({ project: 'auth', tasks: PLAN }),
    'plan.jsonl': PLAN.map((task) => JSON.stringify(task)).join('\n'),
    'plan.toon': [
      'tasks[3]:',
      '  - ref: ui',
      '    title: UI',
      '    requires[2]: api (first),TASK-007',
      '    labels:',
      '      tier: 2',
      '  - ref: api',
      '    title: API',
      '    priority: 9',
      '  - id: DOC-1',
      '    title: Docs',
      '    requires[1]: ui',
      '',
    ].join('\n'),
  };

  it.each(Object.keys(FORMATS))('adds many from %s, by file and by stdin, with refs', async (name) => {
    await using bench = await AddBench.create();
    await bench.write({ [name]: FORMATS[name] ?? '' });
    const before = await bench.tip();
    const rehearsed = await bench.run(['add', '--file', '-', '--dry-run', '--json'], FORMATS[name]);
    expect(JSON.parse(rehearsed.stdout)).toMatchObject({ dryRun: true, commit: null });
    expect(await bench.tip()).toBe(before);
    const done = await bench.run(['add', '--file', `../${name}`]);
    expect(done).toMatchObject({ code: 0, stdout: 'auth/TASK-008\nauth/TASK-009\nauth/DOC-1\n' });
    const files = await bench.files();
    expect(files['.agents/auth/tasks/TASK-008.toon']).toContain('required[2]: TASK-009 (first),TASK-007\n');
    expect(files['.agents/auth/tasks/DOC-1.toon']).toContain('required[1]: TASK-008\n');
    // The same again, through a pipe: all but the id that is taken by now.
    const again = await bench.run(['add', '--json'], (FORMATS[name] ?? '').replace('DOC-1', 'DOC-2'));
    expect(JSON.parse(again.stdout)).toMatchObject({
      branch: 'develop',
      remote: 'origin',
      agent: 'orchestrator',
      tasks: [
        { project: 'auth', task: 'TASK-010', title: 'UI', status: 'blocked' },
        { task: 'TASK-011', status: 'ready', path: '.agents/auth/tasks/TASK-011.toon' },
        { task: 'DOC-2', status: 'blocked' },
      ],
    });
    expect((await bench.log('%s')).split('\n').slice(0, 2)).toEqual(
      Array(2).fill('[ORCHESTRATOR] Added 3 tasks to auth'),
    );
  });

  it('gives ids anew to many processes at once, none twice, in one clone and in several', async () => {
    await using bench = await AddBench.create();
    await bench.box.clone(bench.box.remote, 'other');
    const commands = Array.from({ length: 6 }, (_, n) => ({
      args: ['add', '--no-sync', '--file', '-', '--agent', `planner-${n}`],
      options: {
        cwd: bench.box.path(n % 2 === 0 ? 'clone' : 'other'),
        // Each with runtime folders of its own: on different machines nobody combines.
        env: { ...bench.box.env, XDG_RUNTIME_DIR: bench.box.path(`run${n}`) },
        input: `{"title":"First of ${n}","ref":"a"}\n{"title":"Second of ${n}","requires":"a"}\n`,
      },
    }));
    const runs = await runAgentqAtOnce(commands);
    expect(runs.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(runs.map(() => 0));
    const names = runs.flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(new Set(names).size).toBe(12);
    expect([...names].sort()).toEqual(
      Array.from({ length: 12 }, (_, n) => `auth/TASK-0${String(n + 8).padStart(2, '0')}`),
    );
    const files = await bench.files();
    for (const [n, { stdout }] of runs.entries()) {
      const [first = '', second = ''] = stdout
        .trim()
        .split('\n')
        .map((name) => name.replace('auth/', ''));
      expect(files[`.agents/auth/tasks/${first}.toon`]).toContain(`title: First of ${n}\n`);
      expect(files[`.agents/auth/tasks/${second}.toon`]).toContain(`title: Second of ${n}\n`);
      expect(files[`.agents/auth/tasks/${second}.toon`]).toContain(`required[1]: ${first}\n`);
    }
    expect((await auditQueue(bench.box.path(bench.box.remote))).violations).toEqual([]);
  });

  it('goes on beside agents that claim', async () => {
    await using bench = await AddBench.create();
    const inClone = { cwd: bench.box.path('clone'), env: bench.box.env };
    const runs = await runAgentqAtOnce([
      ...[1, 2, 3].map((n) => ({ args: ['add', '--title', `New ${n}`, '--no-sync'], options: inClone })),
      ...[1, 2, 3].map((n) => ({ args: ['claim', `agent-${n}`, '--no-sync'], options: inClone })),
    ]);
    expect(runs.slice(0, 3).map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.slice(3).every(({ code }) => code === 0 || code === 1)).toBe(true);
    const claimed = runs.slice(3).flatMap(({ stdout }) => stdout.trim().split('\n').filter(Boolean));
    expect(new Set(claimed).size).toBe(claimed.length);
    const audit = await auditQueue(bench.box.path(bench.box.remote));
    expect(audit.violations).toEqual([]);
    expect(audit.tip.size).toBe(4);
  });

  it('holds a batch back until enough of another is complete', async () => {
    await using bench = await AddBench.create();
    const plan = 'tasks[3]{title,batch}:\n  Base 1,base\n  Base 2,base\n  Top,top\n';
    const args = ['add', '--project', 'auth', '--file', '-', '--hold-until', '50% of base'];
    const done = await bench.run([...args, '--json'], plan);
    // What is waited for is not held back itself.
    expect(JSON.parse(done.stdout).tasks.map(({ status }: { status: string }) => status)).toEqual([
      'ready',
      'ready',
      'pending',
    ]);
    await bench.run(['claim', 'a1', '--task', 'TASK-008']);
    const completed = await bench.run(['complete', 'TASK-008', 'a1']);
    expect(completed).toMatchObject({ code: 0, stdout: 'auth/TASK-008\nauth/TASK-010\n' });
    expect((await bench.files())['.agents/auth/tasks/TASK-010.toon']).toContain('status: ready\n');
    // From now on nothing is held back.
    const late = await bench.run(['add', '--title', 'Late', '--hold-until', '50% of base', '--json']);
    expect(JSON.parse(late.stdout).tasks[0].status).toBe('ready');
  });

  it.each(sampleOf(LAYOUT_NAMES, 3))(
    'makes a new project in the layout %s, that is there to work on',
    async (layout) => {
      // A folder that makes some trees ambiguous: `projects` must not become `split` by it.
      await using bench = await AddBench.create({ '.agents/claimed/other/.gitkeep': '', 'README.md': 'x\n' });
      const project = layout === 'flat' ? 'default' : 'shop';
      const done = await bench.run(['add', '--project', project, '--layout', layout, '--title', 'Begin']);
      expect(done).toMatchObject({ code: 0, stdout: `${project}/TASK-001\n` });
      expect(done.stderr).toContain(`is a new project, in the layout ${layout}`);
      expect(
        (await bench.run(['add', '--project', project, '--title', 'Go on', '--requires', 'TASK-001'])).stdout,
      ).toBe(`${project}/TASK-002\n`);
      expect((await bench.run(['claim', 'a1', project])).stdout).toBe(`${project}/TASK-001\n`);
      expect(await bench.run(['complete', 'TASK-001', 'a1'])).toMatchObject({
        code: 0,
        stdout: `${project}/TASK-001\n${project}/TASK-002\n`,
      });
      const paths = Object.keys(await bench.files()).filter((path) => path.endsWith('.toon'));
      const ready: Record<string, string> = {
        core: '.agents-core/state/shop/',
        agents: '.agents/shop/',
        projects: '.agents/projects/shop/',
        split: '.agents/',
        bare: 'state/shop/',
        flat: '.agents/',
      };
      expect(paths).toContain(`${ready[layout]}completed/${layout === 'split' ? 'shop/' : ''}TASK-001.toon`);
      expect((await auditQueue(bench.box.path(bench.box.remote))).violations).toEqual([]);
    },
  );

  it('takes the task files of another queue, in the notation that agents write', async () => {
    await using bench = await AddBench.create();
    const file =
      'task:\n id: TASK-050\n title: Imported\n type: ui\n priority: 6\n status: ready\n\ndescription:\n details: |\n  One\n\n  Two: three\n\nacceptance_criteria[9]:\n Works: yes\n a, b\n\ndependencies:\n required[1]:\n  TASK-007 (old one)\n blocks[0]:\n\ncontext:\n files[1]:\n  a.ts (new)\n';
    await bench.write({ 'TASK-050.toon': file });
    const done = await bench.run(['add', '--file', '../TASK-050.toon']);
    expect(done).toMatchObject({ code: 0, stdout: 'auth/TASK-050\n' });
    expect(done.stderr).toContain('../TASK-050.toon:14: acceptance_criteria[9] holds 2');
    const text = (await bench.files())['.agents/auth/tasks/TASK-050.toon'] ?? '';
    const reading = readTask(Buffer.from(text), { path: 'x', project: 'auth', id: 'TASK-050' });
    expect(reading).toMatchObject({
      kind: 'read',
      findings: [],
      task: {
        title: 'Imported',
        details: 'One\n\nTwo: three',
        acceptanceCriteria: ['Works: yes', 'a, b'],
        status: 'ready',
      },
    });
    expect(text).toContain('context:\n  files[1]: a.ts (new)\n');
  });

  it('is done once where the answer to the push is lost, and knows what it came to', async () => {
    await using bench = await AddBench.create();
    await using server = await HttpGitServer.start(bench.box.root, bench.box.env);
    await bench.box.git('.', 'clone', '-q', server.url(bench.box.remote), 'far');
    server.failNext('push', { kind: 'reset-after' });
    const done = await bench.run(['add', '--json'], '{"title":"A","requires":"TASK-007"}\n{"title":"B"}\n', 'far');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({
      tasks: [
        { task: 'TASK-008', title: 'A', status: 'blocked', path: '.agents/auth/tasks/TASK-008.toon' },
        { task: 'TASK-009', title: 'B', status: 'ready' },
      ],
      commit: await bench.tip(),
    });
    expect((await bench.log('%s')).split('\n')).toHaveLength(2);
  });

  it('a thousand tasks are one commit', async () => {
    await using bench = await AddBench.create();
    const lines = Array.from(
      { length: 1000 },
      (_, n) => `{"ref":"r${n}","title":"Task ${n}","requires":${n ? `["r${n - 1}"]` : '[]'}}`,
    );
    const done = await bench.run(['add', '--file', '-'], lines.join('\n'));
    expect(done.code).toBe(0);
    expect(done.stdout.trim().split('\n')).toHaveLength(1000);
    expect(done.stderr).toContain('added 1000 tasks to auth: 1 ready, 999 waiting');
    expect((await bench.log('%s')).split('\n')).toHaveLength(2);
    expect(await bench.box.git('clone', 'status', '--porcelain')).toBe('');
    expect((await bench.run(['claim', 'a1', '--min-priority', '0', '--task', 'TASK-008'])).stdout).toBe(
      'auth/TASK-008\n',
    );
  });
});
