import { describe, expect, it } from 'vitest';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import type { Machine } from '../../kit/engine/machine.ts';
import {
  behindUs,
  claimIntent,
  expectCarriedOut,
  isPublication,
  movesBranch,
  openMachine,
  publishAs,
  requestsIn,
  requestsOn,
  taskOf,
} from '../../kit/engine/machine.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** A request is carried out, or taken back, and never both: both are decided by the lease on its ref. */

const QUEUE = { tasks: 4, clones: ['one', 'two'] };

it('does not carry out a request that its owner took back before the push', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const [gone, alive] = [claimIntent('gone'), claimIntent('alive')];
  const ref = await publishAs(box, remote, [gone], { at: behindUs() });
  let pushes = 0;
  await using leader = await openMachine(box, 'one', {
    async push(updates, push) {
      if (movesBranch(updates) && pushes++ === 0) await box.git(remote, 'update-ref', '-d', ref);
      return push();
    },
  });
  const [settled] = await leader.help(alive);
  expect(pushes).toBeGreaterThan(1);
  expect(taskOf(settled)).toBe('auth/TASK-1');
  await expectCarriedOut(box, remote, alive);
  expect(await requestsOn(box, remote)).toEqual([]);
});

describe('an agent that gives up while it waits', () => {
  const interruption = new Error('interrupted');

  /** Waits behind a machine that is dead; `act` happens when its request is on the remote, right before it looks again. */
  async function waiting(box: Scene, act: (stop: () => void, leader: Machine) => Promise<void>, leader: Machine) {
    const abort = new AbortController();
    let isPublished = false;
    const machine = await openMachine(box, 'two', {
      signal: abort.signal,
      rivals: 'seen',
      async push(updates, push) {
        const outcome = await push();
        isPublished ||= isPublication(updates);
        return outcome;
      },
      // Sleeping, so that no git of ours is at work when the interrupt comes.
      clock: {
        ...systemClock,
        async sleep(ms, signal) {
          if (isPublished && !abort.signal.aborted) await act(() => abort.abort(interruption), leader);
          return systemClock.sleep(ms, signal);
        },
      },
    });
    return machine;
  }

  it('takes its request back, and nobody carries it out', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const intent = claimIntent('impatient');
    await publishAs(box, remote, [claimIntent('dead')], { at: Date.now() - 5000 });
    await using leader = await openMachine(box, 'one');
    await using machine = await waiting(box, async (stop) => stop(), leader);
    await expect(machine.help(intent)).rejects.toBe(interruption);
    expect(await requestsOn(box, remote)).toHaveLength(1);
    await expectCarriedOut(box, remote);
  });

  it('notices that it was served meanwhile', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const intent = claimIntent('impatient');
    await using leader = await openMachine(box, 'one');
    const other = claimIntent('leader');
    await using machine = await waiting(
      box,
      async (stop) => {
        await leader.help(other);
        stop();
      },
      leader,
    );
    const [settled] = await machine.help(intent);
    expect(taskOf(settled)).toMatch(/^auth\/TASK-[12]$/);
    await expectCarriedOut(box, remote, intent, other);
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('is not served by a leader that had seen its request before', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const [intent, other] = [claimIntent('impatient'), claimIntent('leader')];
    let takeBack: Promise<unknown> = Promise.resolve();
    let letGo = (): void => undefined;
    const isAtPush = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await using leader = await openMachine(box, 'one', {
      async push(updates, push) {
        if (!movesBranch(updates)) return push();
        letGo();
        await takeBack;
        return push();
      },
    });
    // Its request is behind the leader's only because the leader need not wait then.
    const served: Promise<unknown>[] = [];
    await using machine = await waiting(
      box,
      async (stop) => {
        served.push(leader.help(other));
        await isAtPush;
        stop();
      },
      leader,
    );
    takeBack = machine.help(intent).catch((error: unknown) => error);
    expect(await takeBack).toBe(interruption);
    await Promise.all(served);
    await expectCarriedOut(box, remote, other);
    expect(await requestsOn(box, remote)).toEqual([]);
  });
});

it('gives one task to two that call themselves the same and push in the same second', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const clock = { ...systemClock, now: () => 1_750_000_000_000 };
  await using second = await openMachine(box, 'two', { clock });
  const intents = [claimIntent('twin'), claimIntent('twin')] as const;
  let pushes = 0;
  await using first = await openMachine(box, 'one', {
    clock,
    async push(updates, push) {
      if (movesBranch(updates) && pushes++ === 0) tasks.push(taskOf((await second.help(intents[1]))[0]));
      return push();
    },
  });
  const tasks: (string | undefined)[] = [];
  tasks.push(taskOf((await first.help(intents[0]))[0]));
  expect(tasks).toEqual(['auth/TASK-1', 'auth/TASK-2']);
  expect(new Set(await requestsIn(box, remote)).size).toBe(2);
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
});

it('makes ids that nobody else makes', () => {
  const ids = Array.from({ length: 1000 }, () => systemRandomness.id());
  expect(new Set(ids).size).toBe(1000);
  expect(ids.filter((id) => !/^[a-z][a-z2-7]{15}$/.test(id))).toEqual([]);
});
