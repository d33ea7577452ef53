import { expect, it } from 'vitest';
import { runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { scene } from '../../kit/scene/scene.ts';

/** A file that can be read, but grows beyond what is readable as soon as it is claimed. */
const FULL = `task:\n id: T-1\n status: ready\n priority: 10\n\nnotes: |\n ${'x'.repeat(1024 * 1024 - 70)}\n`;

it('is passed over with a warning: one file is never what a whole pool fails on', async () => {
  const task = (id: string): string => `task:\n id: ${id}\n status: ready\n priority: 1\n`;
  await using box = await scene({
    files: {
      'state/shop/tasks/T-1.toon': FULL,
      'state/shop/tasks/T-2.toon': task('T-2'),
      'state/shop/tasks/T-3.toon': task('T-3'),
    },
    clones: ['clone'],
  });
  const options = box.in('clone');
  const claims = await runAgentqAtOnce(['a1', 'a2', 'a3'].map((agent) => ({ args: ['claim', agent], options })));
  expect(claims.map(({ stdout }) => stdout).sort()).toEqual(['', 'shop/T-2\n', 'shop/T-3\n']);
  expect(claims.map(({ code }) => code).sort()).toEqual([0, 0, 1]);
  expect(claims.map(({ stderr }) => stderr).join('')).toContain('state/shop/tasks/T-1.toon: ');

  const named = await box.agentq('clone', 'claim', 'a1', '--task', 'T-1');
  expect(named).toMatchObject({ code: 5, stdout: '' });
  expect(named.stderr).toContain('task file would be');
});
