import { expect, it } from 'vitest';
import { hasQueueBefore, RecordWindow } from '../../../src/engine/queue/recorded-events.ts';
import { claimIntent } from '../../kit/engine/machine.ts';
import { branchScene, openedBranches } from '../../kit/scene/branch-scene.ts';

const READY = { read: new Set(['ready'] as const) };

it('asks only what came before a commit whether the queue was older, and not what is newer on another branch', async () => {
  await using box = await branchScene({ clones: ['here'] });
  await using here = await openedBranches(box, 'here');
  const claim = (agent: string) => here.queue.submit(claimIntent(agent, { filter: { project: 'auth' } }));
  await claim('a1');
  const reader = await here.queue.read();
  const { tip, branches } = await reader.snapshot(READY);
  const tips = [...(branches?.tips.values() ?? [])];
  // The first commit of all branches is where the main one still is: the claim on the other came after it.
  expect(await hasQueueBefore(reader, tip)).toBe(false);
  const { oldest, queue, events } = await new RecordWindow().read(reader, { tip, tips }, 0);
  expect([oldest, queue, events.map(({ kind }) => kind)]).toEqual([tip, 'younger', ['task.claimed']]);

  await claim('a2');
  const later = await reader.snapshot(READY);
  expect(await hasQueueBefore(reader, later.branches?.tips.get('develop-auth') ?? '')).toBe(true);
});
