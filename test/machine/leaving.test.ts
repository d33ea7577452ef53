import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seededRandomness } from '../../lab/model/seeded-randomness.ts';
import type { Randomness } from '../../src/domain/base/clock.ts';
import { meetIn } from '../kit/processes/meeting.ts';
import { programOf } from '../kit/processes/program.ts';
import { type Scene, scene } from '../kit/scene/scene.ts';

/**
 * What a follower and its leader know of each other at the end: a follower that left untold is certain that the leader
 * finds it gone, however long the leader was suspended and wherever it stood then.
 */

const LEADER = 'test/kit/processes/meeting-leader.ts';
const ROUNDS = 300;

/** A leader in a process of its own, which says of each follower what it takes it to be. */
interface Led {
  readonly leader: ChildProcess;
  readonly verdicts: AsyncIterator<string>;
}

async function startLeader(box: Scene): Promise<Led> {
  const leader = spawn(process.execPath, [await programOf(LEADER, box.root), box.root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  box.owns({
    async close() {
      leader.kill('SIGKILL');
      if (leader.exitCode === null && leader.signalCode === null) await once(leader, 'exit');
    },
  });
  const verdicts = createInterface({ input: leader.stdout })[Symbol.asyncIterator]();
  expect(await verdicts.next()).toMatchObject({ value: 'lead' });
  return { leader, verdicts };
}

/** One follower that wants something, and leaves. @returns what it was told, and what the leader takes it to be */
async function round(
  box: Scene,
  { leader, verdicts }: Led,
  number: number,
  random: Randomness,
  suspend: (leader: ChildProcess) => void,
): Promise<string> {
  const met = await meetIn(box.root)(() => undefined);
  if (met.kind !== 'follow') throw new Error(`met as ${met.kind}`);
  let told = 'untold';
  met.leader.onMessage((message) => {
    expect(message).toEqual({ taken: number });
    told = 'told';
  });
  expect(await met.leader.send(number as unknown as object)).toBe('sent');
  for (let turns = Math.floor(random.next() * 60); turns > 0; turns--) await nextTurn();
  suspend(leader);
  let hasLeft = false;
  const leaving = met.leader.leave().then(() => {
    hasLeft = true;
  });
  // A slow follower gives the leader time to go on anywhere between the steps of leaving.
  while (!hasLeft) {
    await nextTurn();
    if (random.next() < 0.5) leader.kill('SIGCONT');
    for (const until = performance.now() + random.next(); performance.now() < until; );
  }
  await leaving;
  const atTheEnd = told;
  leader.kill('SIGCONT');
  const { value } = await verdicts.next();
  expect(value).toMatch(new RegExp(`^${number} `));
  return `${atTheEnd}, ${String(value).split(' ')[1]}`;
}

it.each([
  ['that works on', () => undefined],
  ['that is suspended meanwhile', (leader: ChildProcess) => leader.kill('SIGSTOP')],
])('a follower that was not told leaves a leader %s that knows it', async (_what, suspend) => {
  await using box = await scene();
  const led = await startLeader(box);
  const random = seededRandomness(7);
  const seen = new Map<string, number>();
  for (let number = 0; number < ROUNDS; number++) {
    const outcome = await round(box, led, number, random, suspend);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  expect(seen.get('untold, kept')).toBeUndefined();
  expect(seen.get('untold, gone')).toBeGreaterThan(0);
  expect(seen.get('told, kept')).toBeGreaterThan(0);
});
