import { expect, it } from 'vitest';
import { bookingFiles, foldersOf } from '../../kit/queues/booking-queue.ts';
import { ReceivedObjects } from '../../kit/remotes/received-objects.ts';
import { scene } from '../../kit/scene/scene.ts';

const BRANCH = 'refs/heads/develop';

/** The lines, without what differs from run to run. */
function lines(text: string): string[] {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replace(/at [0-9a-f]{10}/, 'at <tip>')
    .trimEnd()
    .split('\n');
}

it('shows every project, who is at work and what happened', async () => {
  await using box = await scene({
    files: {
      ...bookingFiles('agents', 'dialect'),
      ...bookingFiles('core', 'canonical', 'empty-handed'),
      'state/nothing/tasks/.gitkeep': '',
      'src/main.c': 'int main;',
    },
    clones: ['clone'],
  });
  const { remote } = box;
  await box.agentq('clone', 'claim', 'a1', 'booking');
  await box.agentq('clone', 'complete', 'TASK-001', 'a1', '', 'booking');
  await box.agentq('clone', 'claim', 'a1', 'booking');
  await box.agentq('clone', 'heartbeat', 'TASK-002', 'a1', 'booking');
  await box.agentq('clone', 'claim', 'a2', 'booking');
  const { claimed, tasks } = foldersOf('agents', 'booking');
  // An agent of the older scripts, long silent, and code that is none of the queue's business.
  const text = await box.git(remote, 'show', `develop:${tasks}/TASK-005.toon`);
  await box.commitTo(
    remote,
    BRANCH,
    { [`${tasks}/TASK-005.toon`]: null, [`${claimed}/TASK-005.toon`]: `${text}\nclaim:\n claimed_by: old\n` },
    '[AGENT-CLAIM] old claimed TASK-005 from booking',
  );
  await box.commitTo(remote, BRANCH, { 'src/main.c': '', [`${tasks}/TASK-012.toon`]: '' }, 'Work on the code');

  const dashboard = await box.agentq('clone', 'status');
  expect(dashboard.code).toBe(0);
  expect(lines(dashboard.stdout)).toEqual([
    'develop of origin at <tip>, <time>',
    '',
    'PROJECT       PROGRESS                DONE   %  READY  WAITING  BLOCKED  IN PROGRESS  STALLED  UNREADABLE',
    'booking       [#-------------------]  1/12  8%      0        7        0            3        1           1',
    'empty-handed  [--------------------]  0/12  0%      1       11        0            0        0           0',
    'nothing       [--------------------]   0/0  0%      0        0        0            0        0           0',
    'all           [--------------------]  1/24  4%      1       18        0            3        1           1',
    '',
    'RECENT                EVENT      BY   TASKS',
    '<time>  claimed    old  booking/TASK-005',
    '<time>  claimed    a2   booking/TASK-010',
    '<time>  claimed    a1   booking/TASK-002',
    '<time>  completed  a1   booking/TASK-001',
    '<time>  claimed    a1   booking/TASK-001',
  ]);
  expect(dashboard.stderr).toContain('1 task is stalled');
  expect(dashboard.stderr).toContain(`${tasks}/TASK-012.toon`);

  const one = JSON.parse((await box.agentq('clone', 'status', 'empty-handed', 'develop', '--json')).stdout);
  expect(one).toMatchObject({ all: { total: 12, percent: 0, ready: 1, waiting: 11 }, recent: [] });
});

it('divides nothing by zero, on a branch without a queue', async () => {
  await using box = await scene({ files: { 'README.md': 'no queue' }, clones: ['clone'] });
  const { code, stdout } = await box.agentq('clone', 'status');
  expect(code).toBe(0);
  expect(stdout).toContain('no projects');
  expect(JSON.parse((await box.agentq('clone', 'status', '--json')).stdout)).toMatchObject({
    projects: [],
    all: { total: 0, percent: 0 },
    recent: [],
  });
});

it('reads no completed file, and of a shallow clone what it has', async () => {
  const files = bookingFiles('agents', 'canonical');
  const { completed } = foldersOf('agents', 'booking');
  const done = Object.fromEntries(
    [20, 21, 22].map((n) => [`${completed}/TASK-0${n}.toon`, `task:\n id: TASK-0${n}\n`]),
  );
  await using box = await scene({
    files: { ...files, ...done },
    clones: ['clone'],
    cloning: ['--no-checkout', '--filter=blob:none', '--depth=1'],
  });
  await box.git('clone', 'symbolic-ref', 'HEAD', 'refs/heads/elsewhere');
  const { code, stdout } = await box.agentq('clone', 'status');
  expect(code).toBe(0);
  expect(stdout).toContain('3/15  20%');
  const missing = await box.git('clone', 'rev-list', '--objects', '--missing=print', 'origin/develop');
  expect(missing.split('\n').filter((line) => line.startsWith('?'))).toHaveLength(4);
});

it('fetches in a clone that never pushes what is new, and that once', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const counts: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const file of ['a', 'b']) await box.commitTo(box.remote, BRANCH, { [file]: `${round}` });
    const received = new ReceivedObjects(box);
    const { code } = await box.start('clone', ['status'], { env: received.env }).done;
    expect(code).toBe(0);
    counts.push(received.count());
  }
  // Each time two commits, each with a tree and a blob. The first one's blob is like the second one's.
  expect(counts).toEqual([5, 5, 5]);
});
