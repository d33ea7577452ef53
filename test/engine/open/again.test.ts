import { expect, it } from 'vitest';
import { systemClock } from '../../../src/cli/command/system.ts';
import type { AddIntent, Intent } from '../../../src/domain/intents/intent.ts';
import { claimIntent, openedQueue } from '../../kit/engine/machine.ts';
import { scene } from '../../kit/scene/scene.ts';

/** One intent of each kind that may be submitted again, each on what those before it left. */
function intents(claimId: string): Intent[] {
  const task = { project: 'auth', id: 'TASK-1' };
  const second = { project: 'auth', id: 'TASK-2' };
  const held = { agent: 'a1', task, claimId };
  const plan = (request: string, title: string): AddIntent => ({
    kind: 'add',
    request,
    agent: 'architect',
    project: 'auth',
    upsert: true,
    tasks: [{ ref: 'plan-1', title, criteria: [], required: [], blocks: [], labels: {}, rest: {} }],
  });
  return [
    plan('request-added', 'First'),
    plan('request-updated', 'Second'),
    { kind: 'heartbeat', request: 'request-heartbeat', ...held },
    { kind: 'note', request: 'request-note', agent: 'a2', task, text: 'half of it is done' },
    { kind: 'edit', request: 'request-edit', agent: 'a2', task, edits: { title: 'Another' } },
    { kind: 'review', request: 'request-review', ...held },
    { kind: 'complete', request: 'request-complete', ...held },
    claimIntent('a2', { request: 'request-claim' }),
    { kind: 'take', request: 'request-take', agent: 'a3', from: 'a2', task: second },
    { kind: 'ask', request: 'request-ask', agent: 'a3', task: second, text: 'which?' },
    { kind: 'answer', request: 'request-answer', agent: 'a3', task: second, text: 'this' },
  ];
}

it('finds by its request what was carried out, whatever it was, and does it no second time', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone'] });
  // A heartbeat in the second of the claim needs no commit.
  let later = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + later };
  await using opened = await openedQueue(box, 'clone', { clock });
  const { queue } = opened;
  const claimed = await queue.submit(claimIntent('a1'));
  if (claimed.outcome.kind !== 'claimed') throw new Error(claimed.outcome.kind);
  for (const intent of intents(claimed.outcome.claim.claimId)) {
    later += 1_000;
    const { commit } = await queue.submit(intent);
    expect(commit, intent.request).toBeDefined();
    expect((await queue.submit(intent, { again: true })).commit, intent.request).toBe(commit);
  }
});
