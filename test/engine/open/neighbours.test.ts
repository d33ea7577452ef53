import { expect, it } from 'vitest';
import { systemClock } from '../../../src/cli/command/system.ts';
import type { Clock } from '../../../src/domain/base/clock.ts';
import { claimIntent, openedQueue } from '../../kit/engine/machine.ts';
import { queueFiles } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

/** For whom no time of a pause between looks is ever over: who waits hears of a move, or never. */
const unhurried: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms < 500 ? ms : 2 ** 31 - 1, signal),
};

it('whoever waits for a branch of a server hears of a push by another process of this user', async () => {
  await using box = await scene({ files: queueFiles(2), clones: ['one', 'two'] });
  const http = await box.http();
  for (const clone of ['one', 'two']) await box.git(clone, 'remote', 'set-url', 'origin', http.url(box.remote));
  // Settings that keep the clones from carrying out each other's intents.
  await box.git('two', 'config', 'user.name', 'Somebody Else');
  await using waiting = await openedQueue(box, 'one', { clock: unhurried, machine: 'same' });
  await using pushing = await openedQueue(box, 'two', { machine: 'same' });
  const tip = await waiting.queue.tips.look();
  const moved = waiting.queue.tips.changed(tip);
  const { commit } = await pushing.queue.submit(claimIntent('a1'));
  expect(await moved).toBe(commit);
});
