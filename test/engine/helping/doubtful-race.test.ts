import { describe, expect, it } from 'vitest';
import type { PushOutcome } from '../../../src/git/answers/push-outcome.ts';
import { claimIntent, isPublication, movesBranch, openMachine, taskOf } from '../../kit/engine/machine.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Over http a server says "you lost the race" also of a push that has landed, where curl sent it twice. */

const DOUBTFUL: PushOutcome = { kind: 'unknown', words: 'is at 2 but expected 1', likely: 'rejected' };

async function claimAfter(box: Scene, first: (push: () => Promise<PushOutcome>) => Promise<PushOutcome>) {
  const { remote } = box;
  const log: string[] = [];
  let isFirst = true;
  await using machine = await openMachine(box, 'one', {
    async look() {
      log.push('look');
    },
    async push(updates, push) {
      log.push(isPublication(updates) ? 'publish' : movesBranch(updates) ? 'push' : 'delete');
      if (!isFirst) return push();
      isFirst = false;
      return first(push);
    },
  });
  const [settled] = await machine.help(claimIntent('a1'));
  const audit = await auditQueue(box.path(remote));
  expect(audit.violations).toEqual([]);
  expect(Object.keys(await box.refs(remote))).toEqual(['refs/heads/develop']);
  return { task: taskOf(settled), claims: audit.moves.filter(({ to }) => to === 'claimed').length, log };
}

describe('a race that was lost, as a server says over http', () => {
  it('makes it ask the others at once: to look first would take two more requests', async () => {
    await using box = await scene({ tasks: 3, clones: ['one'] });
    const { remote } = box;
    const { task, claims, log } = await claimAfter(box, async () => {
      await box.commitTo(remote, 'refs/heads/develop', { 'news.md': 'News\n' });
      return DOUBTFUL;
    });
    expect({ task, claims }).toEqual({ task: 'auth/TASK-1', claims: 1 });
    expect(log.slice(0, 4)).toEqual(['look', 'push', 'publish', 'look']);
  });

  it('is not lost where it was the very push that landed: nothing is claimed twice', async () => {
    await using box = await scene({ tasks: 3, clones: ['one'] });
    const { task, claims } = await claimAfter(box, async (push) => {
      await push();
      return DOUBTFUL;
    });
    expect({ task, claims }).toEqual({ task: 'auth/TASK-1', claims: 1 });
  });
});
