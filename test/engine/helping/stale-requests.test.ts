import { appendFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { requestRef } from '../../../src/engine/helping/request-ref.ts';
import { ANSWERS, DROP_AFTER_MS, REQUEST_TTL_MS } from '../../../src/engine/transaction/requests.ts';
import {
  claimIntent,
  expectCarriedOut,
  openedQueue,
  openMachine,
  publishAs,
  requestsOn,
  taskOf,
  tipOf,
  wrongBy,
} from '../../kit/engine/machine.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { countPushes } from '../../kit/remotes/pushes.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What dead agents leave on the remote: carried out while they may still live, swept away when they cannot. */

const QUEUE = { tasks: 60, clones: ['one', 'two'] };
const EXPIRED_MS = REQUEST_TTL_MS + DROP_AFTER_MS + 1000;

/** Fifty requests of agents that are dead, a second apart; the newest is so old. */
async function fiftyDead(box: Scene, ageMs: number) {
  const { remote } = box;
  const intents = Array.from({ length: 50 }, (_, index) => claimIntent(`dead-${index}`));
  for (const [index, intent] of intents.entries()) {
    await publishAs(box, remote, [intent], { at: Date.now() - ageMs - 1000 * (50 - index) });
  }
  return intents;
}

it('sweeps fifty expired ones away with the next claim, and carries none out', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  await fiftyDead(box, EXPIRED_MS);
  const intent = claimIntent('alive');
  const pushes = await countPushes(box, remote);
  await using opened = await openedQueue(box, 'one');
  await opened.queue.submit(intent);
  expect(await pushes()).toBe(1);
  expect(await requestsOn(box, remote)).toEqual([]);
  await expectCarriedOut(box, remote, intent);
});

it('sweeps them away even where there is nothing to claim', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  await fiftyDead(box, EXPIRED_MS);
  await using opened = await openedQueue(box, 'one');
  const none = opened.queue.submit(claimIntent('alive', { filter: { type: 'none' } }));
  await expect(none).rejects.toMatchObject({ code: 'nothing-claimable' });
  expect(await requestsOn(box, remote)).toEqual([]);
  await expectCarriedOut(box, remote);
});

it('takes over from fifty that have not expired, and claims behind them', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const dead = await fiftyDead(box, 0);
  const intent = claimIntent('alive');
  await using opened = await openedQueue(box, 'one');
  const { outcome } = await opened.queue.submit(intent);
  expect(outcome.kind === 'claimed' && outcome.key.id).toBe('TASK-51');
  await expectCarriedOut(box, remote, ...dead, intent);
  // What the dead are told goes with the next push.
  expect((await requestsOn(box, remote)).filter((ref) => !ref.startsWith(ANSWERS))).toEqual([]);
  await opened.queue.submit(claimIntent('next'));
  expect(await requestsOn(box, remote)).toEqual([]);
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
});

it('does not choke on thousands of them', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const tree = (await box.run(box.path(remote), 'git', ['hash-object', '-t', 'tree', '-w', '--stdin'])).stdout.trim();
  const base = await tipOf(box, remote);
  const lines = Array.from({ length: 4500 }, (_, index) =>
    requestRef(
      [claimIntent(`dead-${index}`)],
      { branchRef: 'refs/heads/develop', base, at: Date.now() - EXPIRED_MS - index },
      `id${index}`,
    ),
  ).map(({ ref }) => `${tree} ${ref}\n`);
  await appendFile(box.path(remote, 'packed-refs'), lines.sort((a, b) => (a < b ? -1 : 1)).join(''));
  expect(await requestsOn(box, remote)).toHaveLength(4500);
  for (const agent of ['a1', 'a2']) {
    await using opened = await openedQueue(box, 'one');
    await opened.queue.submit(claimIntent(agent));
  }
  expect((await requestsOn(box, remote)).length).toBeLessThan(4500);
});

it('leaves names alone that it does not understand', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const time = Date.now().toString(36).padStart(9, '0');
  const names = [`refs/agentq/requests/${time}-future`, 'refs/agentq/other/thing'];
  for (const name of names) await box.git(remote, 'update-ref', name, await tipOf(box, remote));
  await using opened = await openedQueue(box, 'one');
  await opened.queue.submit(claimIntent('alive'));
  expect(await requestsOn(box, remote)).toEqual(names.sort());
});

it('sweeps what is no request of any version, and what is over or far ahead, though it cannot be read', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const names = ['no-time', '0mwunsl56-future', 'zzzzzzzzz-never/over'];
  for (const name of names)
    await box.git(remote, 'update-ref', `refs/agentq/requests/${name}`, await tipOf(box, remote));
  await using opened = await openedQueue(box, 'one');
  await opened.queue.submit(claimIntent('alive'));
  expect(await requestsOn(box, remote)).toEqual([]);
});

it('serves who waits behind thousands of forged requests, and sweeps those by and by', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const tip = await tipOf(box, remote);
  const names = Array.from({ length: 5_000 }, (_, n) => `refs/agentq/requests/00000000${n % 9}-forged${n}`);
  // As git packs refs: 5,000 files took every look at them a second.
  await appendFile(
    box.path(remote, 'packed-refs'),
    names
      .sort()
      .map((name) => `${tip} ${name}\n`)
      .join(''),
  );
  const waiting = claimIntent('waiting');
  await publishAs(box, remote, [waiting], { at: Date.now() - 1_000 });
  await using opened = await openedQueue(box, 'one');
  const intent = claimIntent('alive');
  await opened.queue.submit(intent);
  await expectCarriedOut(box, remote, waiting, intent);
  expect((await requestsOn(box, remote)).length).toBeLessThan(5_000);
});

describe('clocks that are two minutes apart', () => {
  it.each([
    ['behind', -120_000],
    ['ahead', 120_000],
  ])('a request of an agent that is %s is carried out', async (_which, offset) => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const waiting = claimIntent('waiting');
    await publishAs(box, remote, [waiting], { at: Date.now() + offset });
    const intent = claimIntent('alive');
    await using opened = await openedQueue(box, 'one');
    await opened.queue.submit(intent);
    await expectCarriedOut(box, remote, waiting, intent);
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('agents in a crowd all get a task, each its own', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.clone(remote, 'three');
    const machines = await Promise.all(
      [-120_000, 0, 120_000].map((ms, index) =>
        openMachine(box, ['one', 'two', 'three'][index] ?? '', { clock: wrongBy(ms), rivals: 'seen' }),
      ),
    );
    const intents = machines.map((_, index) => Array.from({ length: 3 }, () => claimIntent(`machine-${index}`)));
    for (const round of [0, 1, 2]) {
      const settled = await Promise.all(
        machines.map((machine, index) => machine.help(...(intents[index] ?? []).slice(round, round + 1))),
      );
      expect(new Set(settled.flat().map(taskOf)).size).toBe(3);
    }
    for (const machine of machines) await machine[Symbol.asyncDispose]();
    await expectCarriedOut(box, remote, ...intents.flat());
    expect(await requestsOn(box, remote)).toEqual([]);
    expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  });
});
