import { expect, it } from 'vitest';
import type { HeartbeatIntent } from '../../../src/domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../../src/domain/intents/outcome.ts';
import { claimIntent, openedQueue } from '../../kit/engine/machine.ts';
import { queueFiles } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

it('whether claims stand at a tip that was seen costs a fetch where others made it, and else nothing', async () => {
  await using box = await scene({ files: queueFiles(3), clones: ['clone', 'other'] });
  const http = await box.http();
  for (const clone of ['clone', 'other']) await box.git(clone, 'remote', 'set-url', 'origin', http.url(box.remote));
  const traffic = async (): Promise<readonly string[]> => http.seen.splice(0).map(({ kind }) => kind);
  await using opened = await openedQueue(box, 'clone');
  const { outcome, commit } = await opened.queue.submit(claimIntent('a1'));
  const { key, claim } = outcome as ClaimedOutcome;
  const beat: HeartbeatIntent = {
    kind: 'heartbeat',
    request: 'heartbeat000001',
    agent: 'a1',
    task: key,
    claimId: claim.claimId,
  };
  const reader = await opened.queue.read();
  await traffic();
  expect(await reader.standing([beat], commit)).toMatchObject([{ kind: 'stands' }]);
  expect(await traffic()).toEqual([]);

  await using other = await openedQueue(box, 'other', { machine: 'other' });
  const taken = await other.queue.submit({
    kind: 'take',
    request: 'take0000000001',
    agent: 'a2',
    task: key,
    from: 'a1',
  });
  await traffic();
  const gone = await reader.standing([beat], taken.commit);
  expect(gone).toMatchObject([{ kind: 'gone', failure: { code: 'not-owner' } }]);
  expect(await traffic()).toEqual(['info-fetch', 'fetch']);
  expect(await reader.standing([beat], taken.commit)).toEqual(gone);
  expect(await traffic()).toEqual([]);
  // Where nobody has seen the branch, it is looked at.
  expect(await reader.standing([beat], undefined)).toEqual(gone);
  expect((await traffic()).length).toBeGreaterThan(0);
});
