import { expect, it } from 'vitest';
import { EVERY_STATE } from '../../../../src/cli/command/answers.ts';
import { detailsOf } from '../../../../src/cli/commands/dashboard/details.ts';
import { QueueState } from '../../../../src/domain/queue/queue-state.ts';
import type { QueueSnapshot } from '../../../../src/domain/queue/snapshot.ts';
import { HistoryScene } from '../../../kit/history/history-scene.ts';
import { firstFiles } from '../../../kit/history/history-steps.ts';
import { claimedPath, readyPath, taskText } from '../../../kit/queues/queue-files.ts';
import { branchScene, openedBranches, placing, SETTINGS } from '../../../kit/scene/branch-scene.ts';

const START = Date.parse('2026-01-05T08:00:00Z');
const MINUTE = 60_000;

/** What is told of a task of the queue as it is now. */
async function told(world: HistoryScene, project: string, id: string) {
  const reader = await world.queue.read();
  const snapshot = await reader.snapshot({ read: EVERY_STATE }, { unreadable: 'leave' });
  return detailsOf(reader, snapshot, { project, id });
}

async function world(more: Record<string, string> = {}, branches: Record<string, string> = {}): Promise<HistoryScene> {
  return HistoryScene.open({ ...firstFiles(), ...more }, branches, START);
}

/** Does one thing after the other, a minute apart. */
async function happen(scene: HistoryScene, ...commands: readonly (readonly string[])[]): Promise<void> {
  for (const command of commands) {
    scene.clock.advance(MINUTE);
    expect(await scene.run(...command), command.join(' ')).toBeDefined();
  }
}

it('has the file as it is, what was said of the task, and what happened to it, the newest first', async () => {
  await using scene = await world();
  await happen(
    scene,
    ['claim', 'a1', '--task', 'auth/TASK-3'],
    ['note', 'auth/TASK-3', 'the port is taken', '--agent', 'a1'],
    ['ask', 'auth/TASK-3', 'a1', 'which port?'],
    ['answer', 'auth/TASK-3', '8080', '--agent', 'ada'],
    ['claim', 'a2', '--task', 'auth/TASK-3'],
    ['claim', 'a3', '--task', 'auth/TASK-2'],
  );
  const details = await told(scene, 'auth', 'TASK-3');
  const path = claimedPath('TASK-3');
  expect(details).toMatchObject({
    project: 'auth',
    task: 'TASK-3',
    path,
    text: (await scene.files('develop'))[path],
    description: 'What TASK-3 is about, status: blocked or not',
    acceptanceCriteria: ['It works', 'It is tested'],
    notes: [{ at: '2026-01-05T08:02:00Z', agent: 'a1', text: 'the port is taken' }],
    questions: [
      {
        at: '2026-01-05T08:03:00Z',
        agent: 'a1',
        text: 'which port?',
        answer: { at: '2026-01-05T08:04:00Z', agent: 'ada', text: '8080' },
      },
    ],
  });
  // Of the task alone, in all places where its file was.
  expect(
    details?.events.map(({ time, event, agent, task, text }) => [time.slice(11, 16), event, agent, task, text]),
  ).toEqual([
    ['08:05', 'task.claimed', 'a2', 'TASK-3', null],
    ['08:04', 'task.answered', 'ada', 'TASK-3', '8080'],
    ['08:03', 'task.asked', 'a1', 'TASK-3', 'which port?'],
    ['08:02', 'task.noted', 'a1', 'TASK-3', 'the port is taken'],
    ['08:01', 'task.claimed', 'a1', 'TASK-3', null],
    [expect.any(String), 'task.added', expect.any(String), 'TASK-3', null],
  ]);
  expect(await told(scene, 'auth', 'TASK-9')).toBeUndefined();
  expect(await told(scene, 'other', 'TASK-3')).toBeUndefined();
});

it('has what can be read of a file that is no task', async () => {
  await using scene = await world({ [readyPath('TASK-4')]: 'no task\n' });
  const details = await told(scene, 'auth', 'TASK-4');
  expect(details).toMatchObject({
    path: readyPath('TASK-4'),
    description: null,
    acceptanceCriteria: [],
    notes: [],
    questions: [],
  });
  expect(details?.text).toMatch(/^\.agents\/auth\/tasks\/TASK-4\.toon:\d+: /);
  expect(details?.events.map(({ event }) => event)).toEqual(['task.added']);
});

it('reads the log of a task on the branch of its project', async () => {
  const branches = { pay: 'develop-pay' };
  await using scene = await world({ [SETTINGS]: placing(branches) }, branches);
  await happen(scene, ['claim', 'a1', '--task', 'pay/TASK-1'], ['claim', 'a2', '--task', 'auth/TASK-1']);
  const details = await told(scene, 'pay', 'TASK-1');
  expect(details?.text).toBe((await scene.files('develop-pay'))[claimedPath('TASK-1', 'pay')]);
  expect(details?.events.map(({ event, agent }) => `${event} ${agent}`)).toEqual([
    'task.claimed a1',
    expect.stringMatching(/^task\.added /),
  ]);
});

it('has the newest 200 events of a long log', async () => {
  await using scene = await world();
  const reader = await scene.queue.read();
  const snapshot: QueueSnapshot = await reader.snapshot({ read: EVERY_STATE });
  const asked: (number | undefined)[] = [];
  const past: typeof reader.past = (options) => {
    asked.push(options.limit);
    return reader.past(options);
  };
  await detailsOf({ past, taskBytes: (entry) => reader.taskBytes(entry) }, snapshot, { project: 'auth', id: 'TASK-1' });
  expect(asked).toEqual([200]);
});

it('has all that the file says, also if the board was read from an index that has less', async () => {
  await using box = await branchScene({ clones: ['here'] });
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => `TASK-${index + 1}`).flatMap((id) => [
      [`.agents/auth/completed/${id}.toon`, taskText(id)],
      [readyPath(id, 'pay'), taskText(id)],
    ]),
  );
  for (const branch of ['develop-auth', 'develop-pay'])
    await box.commitTo(box.remote, `refs/heads/${branch}`, many, 'More');
  const details: unknown[] = [];
  for (const _ of ['first', 'second']) {
    await using opened = await openedBranches(box, 'here');
    const reader = await opened.queue.read();
    const snapshot = await reader.snapshot({ read: EVERY_STATE, use: 'showing' }, { unreadable: 'leave' });
    const [entry] = new QueueState(snapshot).entriesNow({ project: 'auth', id: 'TASK-30' });
    const summary = entry?.reading.kind === 'read' ? entry.reading.task.summary : undefined;
    details.push([summary, await detailsOf(reader, snapshot, { project: 'auth', id: 'TASK-30' })]);
  }
  const [[, read], [summary, indexed]] = details as [[unknown, unknown], [unknown, unknown]];
  expect(summary).toBeUndefined();
  expect(indexed).toEqual(read);
  expect(indexed).toMatchObject({
    description: 'What TASK-30 is about, status: blocked or not',
    acceptanceCriteria: ['It works', 'It is tested'],
  });
});
