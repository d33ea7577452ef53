import { expect, it } from 'vitest';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type PoolTask, poolTaskText, WorkSession } from '../../kit/scene/work-session.ts';

/** Trees of dependencies in three projects: what waits is blocked by its status in one of them, ready in the others. */
const PROJECTS = ['auth', 'billing', 'search'] as const;
const TASKS: readonly PoolTask[] = Array.from({ length: 40 }, (_, index) => {
  const project = PROJECTS[index % 3] ?? 'auth';
  const n = Math.floor(index / 3) + 1;
  const required = n === 1 ? [] : [`T-${Math.floor(n / 2)}`, ...(n > 4 ? [`T-${n - 3}`] : [])];
  const status = project === 'auth' && required.length > 0 ? 'blocked' : 'ready';
  return { project, id: `T-${n}`, required: [...new Set(required)], status, priority: index % 5 };
});

it('eight agents of one process drain forty tasks of three projects in a legal order', async () => {
  await using session = await WorkSession.create(TASKS);
  const { code, stdout, stderr } = await session.work(['pool', '--concurrency', '8'], 'cat > /dev/null').done;
  expect({ code, stderr: stderr.includes('warning') ? stderr : '' }).toEqual({ code: 0, stderr: '' });
  const names = TASKS.map(({ project, id }) => `${project}/${id}`).sort();
  expect(stdout.trim().split('\n').sort()).toEqual(names);

  const audit = await session.audit();
  expect(audit.violations).toEqual([]);
  expect([...audit.tip.values()]).toEqual(names.map(() => 'completed'));
  const done = new Set<string>();
  const agents = new Set<string>();
  for (const { task, from, to, author } of audit.moves) {
    if (from === 'ready' && to === 'claimed') {
      const { project, required } = TASKS.find((one) => `${one.project}/${one.id}` === task) ?? {};
      expect(
        required?.filter((id) => !done.has(`${project}/${id}`)),
        `${task} was claimed too early`,
      ).toEqual([]);
      agents.add(author);
    }
    if (to === 'completed') done.add(task);
  }
  expect([...agents].every((agent) => /^pool-[1-8]$/.test(agent))).toBe(true);
  // All of them found something to do, and the checkout followed.
  expect(agents.size).toBeGreaterThan(1);
  expect(await session.box.git('clone', 'status', '--porcelain=v1', '-b')).toBe('## develop...origin/develop');
});

it('twelve agents that get a task in one push read them at once, and node finds nothing odd in that', async () => {
  const tasks = Array.from({ length: 12 }, (_, index) => ({ id: `T-${index + 1}` }));
  await using session = await WorkSession.create(tasks);
  const { code, stdout, stderr } = await session.work(['pool', '--concurrency', '12', '--once'], 'cat >/dev/null').done;
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(12);
  expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('['))).toEqual([]);
});

it('answers with one JSON document, and keeps what the commands say apart', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2', required: ['T-1'] }]);
  const { code, stdout, stderr } = await session.work(
    ['a1', '', 'develop', '--json', '--log-dir', 'logs'],
    'read first; echo "got $first"; echo "file: $(head -1 "$AGENTQ_TASK_FILE")" >&2; printf "%s %s" "$AGENTQ_PROJECT" "$AGENTQ_AGENT"',
  ).done;
  expect(code).toBe(0);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({ branch: 'develop', remote: 'origin', agents: ['a1'], completed: 2, failed: 0 });
  expect(document.tasks).toMatchObject([
    { agent: 'a1', project: 'shop', task: 'T-1', outcome: 'completed', exitCode: 0, attempts: 1, unblocked: [] },
    { task: 'T-2', outcome: 'completed' },
  ]);
  for (const line of ['got task:', 'file: task:', 'shop a1']) expect(stderr).toContain(`[a1] ${line}\n`);
  const log = await session.box.read('clone', 'logs/shop/T-1.log');
  expect(log).toMatch(/^# \S+Z a1 attempt 1 claim \w+\n/);
  for (const line of ['got task:', 'file: task:', 'shop a1']) expect(log).toContain(line);
  expect(log).toMatch(/\n# \S+Z a1 completed: ended with 0; after \S+; commit [0-9a-f]{40}\n$/);
});

it.each([
  [[], [{ id: 'T-1', status: 'blocked' }], 1, 'nothing to claim: 1 blocked'],
  [['--once'], [{ id: 'T-1' }, { id: 'T-2' }], 0, 'completed shop/T-1'],
  [
    ['--max-tasks', '3', '--concurrency', '2'],
    ['T-1', 'T-2', 'T-3', 'T-4'].map((id) => ({ id })),
    0,
    'completed shop/T-3',
  ],
] as const)('%j on %j ends with %d', async (args, tasks, exit, words) => {
  await using session = await WorkSession.create(tasks);
  const { code, stderr } = await session.work(['a1', ...args], 'cat > /dev/null').done;
  expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringContaining(words) });
  const { tip, violations } = await session.audit();
  expect(violations).toEqual([]);
  const left = args[0] === '--once' || args[0] === '--max-tasks' ? 1 : 0;
  if (exit === 0) expect([...tip.values()].filter((state) => state === 'ready')).toHaveLength(left);
});

it('waits for more when asked to, and is woken by what others do', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const running = session.work(
    ['a1', '--wait', '--concurrency', '2', '--max-tasks', '2'],
    'echo "$AGENTQ_TASK_ID" > "$MEET/$AGENTQ_TASK_ID"',
  );
  await session.met('T-1');
  expect((await session.agentq('add', '--project', 'shop', '--id', 'T-2', '--title', 'One more')).code).toBe(0);
  const { code, stdout } = await running.done;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\nshop/T-2\n' });
});

it('works without a remote too, and the checkout follows', async () => {
  await using session = await WorkSession.create([]);
  const { box } = session;
  await box.git('.', 'init', '-q', 'alone');
  const tasks = ['T-1', 'T-2', 'T-3', 'T-4'].map((id) => [`.agents/shop/tasks/${id}.toon`, poolTaskText({ id })]);
  await box.commit('alone', { ...Object.fromEntries(tasks), '.agents/shop/completed/.gitkeep': '' });
  const { code, stderr } = await session.agentq(
    ...['-C', box.path('alone'), 'work', 'pool', '--concurrency', '3', '--heartbeat', '100ms', '--', 'sleep', '0.3'],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('not updated') });
  expect(await box.git('alone', 'status', '--porcelain')).toBe('');
  expect((await auditQueue(box.path('alone'))).violations).toEqual([]);
});
