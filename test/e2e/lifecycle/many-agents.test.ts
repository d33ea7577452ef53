import { expect, it } from 'vitest';
import { WorkSession } from '../../kit/scene/work-session.ts';

it('of one process share its signals, and node finds nothing to warn of', async () => {
  const tasks = Array.from({ length: 16 }, (_, index) => ({ id: `T-${index + 1}` }));
  await using session = await WorkSession.create(tasks);
  const { code, stdout, stderr } = await session.work(['pool', '--concurrency', '16'], 'true').done;
  expect(code, stderr).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(16);
  expect(stderr).not.toMatch(/MaxListeners|Warning/);
});
