import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import { meetIn } from './meeting.ts';

/**
 * A process that leads: `meeting-leader.ts <folder>`. Whoever says a number is told that it is taken; then it prints the
 * number, and `kept` where the other is still there once it has caught up, `gone` where it is not.
 */
const [, , folder = ''] = process.argv;
const random = seededRandomness(1);

const met = await meetIn(folder)((follower) => {
  let isGone = false;
  follower.onClose(() => {
    isGone = true;
  });
  follower.onMessage(async (number) => {
    for (let turns = Math.floor(random.next() * 4); turns > 0; turns--) await nextTurn();
    await follower.send({ taken: number });
    if (met.kind === 'lead') await met.caughtUp();
    console.log(`${number} ${isGone ? 'gone' : 'kept'}`);
  });
});
console.log(met.kind);
