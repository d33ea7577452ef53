import { expect, it } from 'vitest';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../../src/domain/intents/outcome.ts';
import { descendants } from '../../../src/git/process/kill-tree.ts';
import { claimIntent, openedQueue, wrongBy } from '../../kit/engine/machine.ts';
import { queueFiles } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

/** Look and push are the first. */
const LEAST = ['receive-pack', 'cat-file'];

it.each(['all', 'none'] as const)('over file://, intents take three processes: --combine %s', async (combine) => {
  await using box = await scene({ files: queueFiles(3), clones: ['clone'] });
  const commands: string[] = [];
  const before = new Set(descendants(process.pid));
  // A push in sixteen looks for garbage with two more.
  const started = () => new Set(commands.splice(0).filter((command) => !['config', '-C'].includes(command)));
  const options = { combine, onGitProcess: ([command = '']: readonly string[]) => commands.push(command) };
  await using opened = await openedQueue(box, 'clone', options);
  const { outcome } = await opened.queue.submit(claimIntent('a1'));
  // What the clone knows of the branch is still packed.
  expect(started()).toEqual(new Set([...LEAST, 'update-ref']));
  const { key, claim } = outcome as ClaimedOutcome;
  const { claimId } = claim;
  const heartbeat: Intent = { kind: 'heartbeat', request: 'heartbeat000001', agent: 'a1', task: key, claimId };
  {
    await using later = await openedQueue(box, 'clone', { ...options, clock: wrongBy(60_000), machine: 'later' });
    expect((await later.queue.submit(heartbeat)).commit).toBeDefined();
    expect(started()).toEqual(new Set(LEAST));
  }
  // In the process that has looked and pushed before, and another one has pushed meanwhile.
  await opened.queue.submit({ kind: 'complete', request: 'complete0000001', agent: 'a1', task: key, claimId });
  expect(started()).toEqual(new Set(['receive-pack']));
  // What is refused was looked at to push.
  await expect(opened.queue.submit(claimIntent('a2', { filter: { type: 'none' } }))).rejects.toThrow();
  await opened.queue.close();
  await expect.poll(() => descendants(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
  expect(await box.git(box.remote, 'fsck', '--strict')).not.toMatch(/missing|broken/);
});
