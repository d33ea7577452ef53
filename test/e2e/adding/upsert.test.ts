import { expect, it } from 'vitest';
import { AddBench } from '../../kit/scene/add-bench.ts';

/** The story of a plan that is added, changed by people, worked on, and added again. */
it('a plan can be added again: nothing twice, nothing lost, and every ref has its task', async () => {
  await using bench = await AddBench.create();
  const plan = (title: string) =>
    JSON.stringify([
      { ref: 'cart', title: 'Cart', priority: 9 },
      { ref: 'pay', title, requires: ['cart'], description: 'Card\n\n- Visa\n- others' },
    ]);
  const first = JSON.parse((await bench.run(['add', '--json'], plan('Pay'))).stdout);
  expect(first.refs).toEqual({ cart: 'auth/TASK-008', pay: 'auth/TASK-009' });
  expect((await bench.run(['claim', 'a1', '--task', 'TASK-008'])).code).toBe(0);
  // A person writes into the file.
  const path = '.agents/auth/tasks/TASK-009.toon';
  const text = await bench.box.git(bench.box.remote, 'show', `develop:${path}`);
  const edited = `${text.replace('metadata:', 'notes:\n  by: ann   # do not touch\nmetadata:')}\n`;
  await bench.box.commitTo(bench.box.remote, 'refs/heads/develop', { [path]: edited });

  const dry = await bench.run(['add', '--upsert', '--dry-run'], plan('Pay by card'));
  expect(dry).toMatchObject({ code: 0, stdout: 'auth/TASK-008\nauth/TASK-009\n' });
  expect(dry.stderr).toContain('would update auth/TASK-009 (dry run)');
  const again = await bench.run(['add', '--upsert', '--json'], plan('Pay by card'));
  const answer = JSON.parse(again.stdout);
  expect(answer).toMatchObject({ refs: first.refs, tasks: [{ change: 'kept' }, { change: 'updated' }] });
  expect(again.stderr).toContain('auth/TASK-008: claimed or completed, left as it is');
  const now = await bench.box.git(bench.box.remote, 'show', `develop:${path}`);
  expect(`${now}\n`).toBe(edited.replace('title: Pay\n', 'title: Pay by card\n'));

  const same = await bench.run(['add', '--upsert', '--json'], plan('Pay by card'));
  expect(JSON.parse(same.stdout)).toMatchObject({ commit: null, tasks: [{ change: 'kept' }, { change: 'same' }] });
  expect((await bench.run(['add'], plan('Pay'))).code).toBe(0);
  const ambiguous = await bench.run(['add', '--upsert'], plan('Pay'));
  expect(ambiguous).toMatchObject({ code: 5, stdout: '' });
  expect(ambiguous.stderr).toContain('the ref cart is that of');
});
