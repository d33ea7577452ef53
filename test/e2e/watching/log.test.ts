import { expect, it } from 'vitest';
import { plainTask, runOldAgent } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const READY = '.agents/auth/tasks';

interface Document {
  readonly task: string | null;
  readonly events: readonly Readonly<Record<string, string>>[];
}

it('log tells the life of a task and of the queue, with who and why, also of older scripts', async () => {
  const waiting = plainTask('TASK-2', { required: ['TASK-1'] }).replace('status: ready', 'status: blocked');
  const files = { [`${READY}/TASK-1.toon`]: plainTask('TASK-1'), [`${READY}/TASK-2.toon`]: waiting };
  await using box = await scene({ files, clones: ['clone', 'old'] });
  const agentq = async (...args: readonly string[]) => {
    const run = await box.agentq('clone', ...args);
    expect(run).toMatchObject({ code: 0 });
    return run.stdout;
  };
  const log = async (...args: readonly string[]) => JSON.parse(await agentq('log', '--json', ...args)) as Document;

  await agentq('claim', 'a1', '--task', 'TASK-1');
  await agentq('release', 'TASK-1', 'a1', '--reason', 'no token for the test server');
  await runOldAgent(box, 'old', 'claim', 'old-1');
  await agentq('release-stalled', '--older-than', '1ms');
  await agentq('work', 'w1', '--once', '--', 'sh', '-c', 'exit 3').catch(() => '');
  await agentq('note', 'TASK-1', 'the token is in the vault \u001b[31m', '--agent', 'a2');
  await agentq('claim', 'a3', '--task', 'TASK-1');
  const since = (await box.git('clone', 'ls-remote', 'origin', 'refs/heads/develop')).slice(0, 40);
  await agentq('complete', 'TASK-1', 'a3', 'https://example.com/pull/1');

  const life = await log('TASK-1');
  expect(life.task).toBe('auth/TASK-1');
  expect(life.events.map(({ event, agent }) => `${event} ${agent}`)).toEqual([
    'task.added Somebody',
    'task.claimed a1',
    'task.released a1',
    'task.claimed old-1',
    'task.stalled old-1',
    'task.claimed w1',
    'task.released w1',
    'task.noted a2',
    'task.claimed a3',
    'task.completed a3',
  ]);
  const [, , released, , stalled, , failed, noted, , completed] = life.events;
  expect(released?.reason).toBe('no token for the test server');
  expect(stalled?.reason).toMatch(/^no heartbeat for /);
  expect(failed).toMatchObject({ reason: expect.stringContaining('3'), failures: 1 });
  expect(noted?.note).toBe('the token is in the vault  [31m');
  expect(completed?.prUrl).toBe('https://example.com/pull/1');

  expect((await log('-n', '2')).events.map(({ event, task }) => `${event} ${task}`)).toEqual([
    'task.completed TASK-1',
    'task.unblocked TASK-2',
  ]);
  expect((await log('--since', since)).events).toHaveLength(2);
  expect((await log('TASK-2')).events.at(-1)).toMatchObject({ reason: 'auth/TASK-1 was completed', agent: 'a3' });
  expect((await log('--since', '1h')).events.length).toBeGreaterThan(9);
  const text = await agentq('log', 'TASK-1');
  expect(text.split('\n')[3]).toMatch(/Z {2}released +auth\/TASK-1 +a1 +no token for the test server$/);

  const { failures, lastFailures, lastReleases } = JSON.parse(await agentq('show', 'TASK-1', '--json'));
  expect([failures, lastFailures]).toEqual([0, []]);
  expect(lastReleases).toMatchObject([
    { event: 'task.released', agent: 'a1', reason: 'no token for the test server' },
    { event: 'task.stalled', agent: expect.anything() },
    { event: 'task.released', agent: 'w1', failures: 1 },
  ]);
});
