import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import { listenExclusively } from '../../../src/machine/socket.ts';

/**
 * A process that takes a path in turns with others: `path-holder.ts <folder> <times> <seed>`. Prints `held` for each
 * time that it was alone with it, something else where it was not, and may kill itself while it listens.
 */
const [, , folder = '', times = '0', seed = '0'] = process.argv;
const random = seededRandomness(Number(seed));
const inside = join(folder, 'inside');

for (let i = 0; i < Number(times); i++) {
  const listening = await listenExclusively(join(folder, 'a.sock'), (socket) => socket.destroy());
  if (listening.kind !== 'listening') {
    if (listening.kind === 'impossible') console.log(listening.reason);
    // Not all in step.
    for (let turns = Math.floor(random.next() * 20); turns > 0; turns--) await nextTurn();
    continue;
  }
  try {
    mkdirSync(inside);
    for (let turns = Math.floor(random.next() * 20); turns > 0; turns--) await nextTurn();
    rmdirSync(inside);
    console.log('held');
  } catch (error) {
    console.log(`not alone: ${error instanceof Error ? error.message : error}`);
  }
  if (random.next() < 0.01) process.kill(process.pid, 'SIGKILL');
  listening.close();
}
