import { expect, it } from 'vitest';
import { plainTask, runOldAgent, unblockAsBefore } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const AUTH = '.agents/auth';

it('tasks are cancelled, blocked and reopened to the byte, while agents on the older scripts work beside', async () => {
  const waiting = (id: string, ...required: readonly string[]): string =>
    plainTask(id, { required }).replace('status: ready', 'status: blocked');
  const texts: Readonly<Record<string, string>> = {
    'TASK-1': plainTask('TASK-1', { priority: 9 }),
    'TASK-2': waiting('TASK-2', 'TASK-1'),
    'TASK-3': plainTask('TASK-3', { priority: 8 }),
    'TASK-4': plainTask('TASK-4', { priority: 7 }),
    'TASK-5': waiting('TASK-5', 'TASK-4', 'TASK-1'),
    'TASK-6': plainTask('TASK-6', { priority: 1 }),
  };
  const files = Object.fromEntries(Object.entries(texts).map(([id, text]) => [`${AUTH}/tasks/${id}.toon`, text]));
  await using box = await scene({ files, clones: ['clone', 'old'] });
  await box.git('clone', 'config', 'user.name', 'Zoë Q. Doe');
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await box.agentq('clone', ...args);
    await box.git('clone', 'fetch', 'origin');
    return { code, lines: stdout.trimEnd().split('\n'), stderr };
  };
  const file = async (path: string): Promise<string> =>
    `${await box.git('clone', 'show', `origin/develop:${AUTH}/${path}`)}\n`;
  const old = async (...args: readonly string[]): Promise<string | number> => {
    const { exitCode, stdout } = await runOldAgent(box, 'old', ...args);
    return exitCode === 0 ? stdout.trim() : exitCode;
  };

  // What others require is not cancelled by accident.
  const refused = await run('cancel', 'TASK-1', '--reason', 'no more SAML');
  expect(refused).toMatchObject({ code: 5, lines: [''] });
  expect(refused.stderr).toContain('auth/TASK-1 is required by auth/TASK-2, auth/TASK-5');
  expect((await run('cancel', 'TASK-1')).code).toBe(64);
  const cancelled = await run('cancel', 'auth/TASK-1', 'TASK-3', '--detach', '--reason', 'status: ready for the bin');
  expect(cancelled).toMatchObject({ code: 0, lines: ['auth/TASK-1', 'auth/TASK-3'] });
  expect(await file('tasks/TASK-2.toon')).toBe(plainTask('TASK-2'));
  expect(await file('tasks/TASK-5.toon')).toBe(waiting('TASK-5', 'TASK-4'));
  expect((await run('edit', 'TASK-6', '--requires', '+TASK-1')).stderr).toContain('auth/TASK-1 is cancelled');
  expect((await run('unblock', '--task', 'TASK-1')).code).toBe(5);
  expect((await run('block', 'TASK-2', 'TASK-6', '--reason', 'status: ready, says nobody')).code).toBe(0);

  // The older scripts neither offer what is out of the queue, nor open it, and go on with the rest.
  expect(await unblockAsBefore(box, 'old')).toEqual([]);
  expect(await old('claim', 'old-1')).toBe('auth/TASK-4');
  expect(await old('claim', 'old-2')).toBe(1);
  expect((await run('claim', 'a1')).stderr).toContain('2 cancelled');
  expect((await run('cancel', 'TASK-4', '--reason', 'x')).stderr).toContain('auth/TASK-4 is claimed by old-1');
  expect(await old('complete', 'TASK-4', 'old-1')).toBe('auth/TASK-4');

  // Back again, byte for byte, wherever it was; what had been opened meanwhile waits again.
  expect(await run('reopen', 'TASK-1', 'TASK-3')).toMatchObject({ code: 0, lines: ['auth/TASK-1', 'auth/TASK-3'] });
  expect(await file('tasks/TASK-1.toon')).toBe(texts['TASK-1']);
  expect(await file('tasks/TASK-3.toon')).toBe(texts['TASK-3']);
  expect(await unblockAsBefore(box, 'old')).toEqual(['auth/TASK-5']);
  const reopened = await run('reopen', 'TASK-4');
  expect(reopened).toMatchObject({ code: 0, lines: ['auth/TASK-4'] });
  expect(reopened.stderr).toContain('auth/TASK-5 waits again');
  expect(await file('tasks/TASK-4.toon')).toBe(texts['TASK-4']);
  expect(await file('tasks/TASK-5.toon')).toBe(waiting('TASK-5', 'TASK-4'));
  expect((await run('reopen', 'TASK-4')).code).toBe(0);
  expect(await old('claim', 'old-2')).toBe('auth/TASK-1');

  const { events } = JSON.parse((await run('log', '--json')).lines.join('\n')) as {
    events: { event: string; task: string; agent: string; reason?: string }[];
  };
  const told = events.map(({ event, task, agent, reason }) => [event, task, agent, reason]);
  const reason = 'status: ready for the bin';
  expect(told).toContainEqual(['task.cancelled', 'TASK-1', 'Zoë Q. Doe', reason]);
  expect(told).toContainEqual(['task.unblocked', 'TASK-2', 'Zoë Q. Doe', 'auth/TASK-1 was cancelled']);
  expect(told).toContainEqual(['task.blocked', 'TASK-6', 'Zoë Q. Doe', 'status: ready, says nobody']);
  expect(told).toContainEqual(['task.reopened', 'TASK-4', 'Zoë Q. Doe', undefined]);
  expect(told).toContainEqual(['task.blocked', 'TASK-5', 'Zoë Q. Doe', 'auth/TASK-4 was reopened']);
});
