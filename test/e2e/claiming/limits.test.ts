import { expect, it } from 'vitest';
import { claimedPath, readyPath, taskText } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

const SETTINGS = 'agentq:\n  limits:\n    total: 2\n    pay: 1\n    label.gpu: 1\n';
const gpu = (id: string): string => `${taskText(id, { priority: 9 })}metadata:\n gpu: a100\n`;
const claim = 'claim:\n claimed_by: older\n claimed_at: 2199-01-01T00:00:00Z\n';

it('claims of all machines together stay within the limits on the branch', async () => {
  const files = {
    '.agents-core/config/agentq.toon': SETTINGS,
    [readyPath('TASK-1')]: gpu('TASK-1'),
    [readyPath('TASK-2')]: gpu('TASK-2'),
    [readyPath('TASK-3')]: taskText('TASK-3'),
    [readyPath('TASK-1', 'pay')]: taskText('TASK-1'),
    [claimedPath('TASK-9', 'pay')]: `${taskText('TASK-9')}\n${claim} last_heartbeat: ${new Date().toISOString()}\n`,
  };
  await using box = await scene({ files, clones: ['one', 'two'] });
  // An older script holds a task of pay.
  expect(await box.agentq('one', 'claim', 'a1', '--dry-run')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  const pay = await box.agentq('two', 'claim', 'a2', 'pay');
  expect([pay.code, pay.stderr]).toEqual([1, expect.stringContaining('1 held back by limit pay (1 of 1 claimed)')]);
  const [one, two] = await Promise.all([box.agentq('one', 'claim', 'a1'), box.agentq('two', 'claim', 'a2')]);
  expect([one.code, two.code].sort()).toEqual([0, 1]);
  expect(`${one.stdout}${two.stdout}`).toBe('auth/TASK-1\n');
  expect(`${one.stderr}${two.stderr}`).toContain('3 held back by limit total (2 of 2 claimed)');
});
