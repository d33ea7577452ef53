import { expect, it } from 'vitest';
import {
  claimIntent,
  expectCarriedOut,
  movesBranch,
  openMachine,
  requestsOn,
  taskOf,
} from '../../kit/engine/machine.ts';
import { scene } from '../../kit/scene/scene.ts';

/** Claims once on a busy machine with a remote in a folder. `before` runs before each look, with its number. */
async function claimBusily(before: (look: number, push: () => Promise<unknown>) => Promise<unknown>) {
  await using box = await scene({ tasks: 2, clones: ['one'] });
  const pushes: ('branch' | 'requests')[] = [];
  let looks = 0;
  await using machine = await openMachine(box, 'one', {
    host: 'crowded',
    look: async () => {
      looks++;
      await before(looks, () => box.commitTo(box.remote, 'refs/heads/develop', { [`news-${looks}`]: '' }));
    },
    push(updates, push) {
      pushes.push(movesBranch(updates) ? 'branch' : 'requests');
      return push();
    },
  });
  const intent = claimIntent('busy');
  const [settled] = await machine.help(intent);
  expect(taskOf(settled)).toBe('auth/TASK-1');
  await expectCarriedOut(box, box.remote, intent);
  expect(await requestsOn(box, box.remote)).toEqual([]);
  return { pushes, looks };
}

it('that nobody else wants does not ask for help, however busy this machine is', async () => {
  expect((await claimBusily(async () => undefined)).pushes).toEqual(['branch']);
});

it('that others want is not pushed on a look that is out of date: they are asked', async () => {
  const { pushes } = await claimBusily(async (look, push) => (look === 2 ? push() : undefined));
  expect(pushes).toEqual(['requests', 'branch']);
});
