import { expect, it } from 'vitest';
import { scene } from '../../kit/scene/scene.ts';

/** Work in batches, as the guide for large pools asks for it. */

function task(id: string, lines: readonly string[], status = 'ready', required: readonly string[] = []): string {
  const all = [`id: ${id}`, `title: Do ${id}`, 'priority: 5', `status: ${status}`, ...lines].map(
    (line) => ` ${line}\n`,
  );
  const needs = required.map((entry) => `  ${entry}\n`).join('');
  return `task:\n${all.join('')}\ndependencies:\n required[${required.length}]:\n${needs}`;
}

function files(tasks: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tasks).map(([id, text]) => [`state/shop/tasks/${id}.toon`, text]));
}

const HELD = ['hold_until: 80% of foundation'];

const QUEUE = files({
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`F-${n}`, task(`F-${n}`, ['batch: foundation'])])),
  'C-1': task('C-1', [...HELD, 'batch: core'], 'pending'),
  'C-2': task('C-2', [...HELD, 'batch: core'], 'pending', ['F-5 (the last of them)']),
  'C-3': task('C-3', ['hold_until: when we feel like it'], 'pending'),
  'C-4': task('C-4', ['hold_until: all of core'], 'pending'),
});

it('holds a batch back until its share of another is complete', async () => {
  await using box = await scene({ files: QUEUE, clones: ['clone'] });
  const { remote } = box;
  const agentq = (...args: string[]) => box.agentq('clone', ...args);
  const work = async (): Promise<string[]> => {
    const name = (await agentq('claim', 'a1')).stdout.trim();
    return name === '' ? [] : (await agentq('complete', name, 'a1')).stdout.trim().split('\n');
  };

  for (const n of [1, 2, 3]) expect(await work()).toEqual([`shop/F-${n}`]);
  expect(await agentq('unblock')).toMatchObject({ code: 0, stdout: '' });
  const { projects } = JSON.parse((await agentq('status', '--json')).stdout);
  expect(projects).toMatchObject([
    {
      project: 'shop',
      completed: 3,
      total: 9,
      percent: 33,
      ready: 2,
      held: 3,
      waiting: 1,
      batches: [
        { batch: 'core', completed: 0, total: 2, holds: [{ percent: 100, needed: 2, tasks: 1 }] },
        { batch: 'foundation', completed: 3, total: 5, percent: 60, holds: [{ percent: 80, needed: 4, tasks: 2 }] },
      ],
    },
  ]);
  expect((await agentq('status')).stdout).toContain(
    'shop/foundation  [############--------]   3/5  60%  2 tasks until 80% (4 of 5)',
  );

  // The fourth of five is 80%: what waits for nothing else opens with it.
  expect(await work()).toEqual(['shop/F-4', 'shop/C-1']);
  // One by hand, as an older script does it: `unblock` sees what `complete` could not.
  const text = await box.git(remote, 'show', 'develop:state/shop/tasks/F-5.toon');
  await box.commitTo(remote, 'refs/heads/develop', {
    'state/shop/tasks/F-5.toon': null,
    'state/shop/completed/F-5.toon': `${text}\n`,
  });
  expect((await agentq('unblock', 'shop')).stdout).toBe('shop/C-2\n');
  expect(await work()).toEqual(['shop/C-1']);
  expect(await work()).toEqual(['shop/C-2', 'shop/C-4']);
  expect(await work()).toEqual(['shop/C-4']);
  // A condition that nobody understands is freed by name only.
  expect((await agentq('claim', 'a1')).code).toBe(1);
  expect((await agentq('unblock', '--task', 'shop/C-3')).stdout).toBe('shop/C-3\n');
  expect(await work()).toEqual(['shop/C-3']);
});
