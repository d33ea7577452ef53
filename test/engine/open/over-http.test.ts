import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../../src/domain/intents/outcome.ts';
import { descendants } from '../../../src/git/process/kill-tree.ts';
import { claimIntent, openedQueue, wrongBy } from '../../kit/engine/machine.ts';
import { queueFiles } from '../../kit/queues/queue-files.ts';
import type { RequestKind } from '../../kit/remotes/http-git-server.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** A clone over http. */
async function overHttp(): Promise<Scene> {
  const box = await scene({ files: queueFiles(3), clones: ['clone'] });
  const http = await box.http();
  await box.git('clone', 'remote', 'set-url', 'origin', http.url(box.remote));
  return box;
}

/** What came in since the last call. */
async function traffic(box: Scene): Promise<readonly [readonly RequestKind[], number]> {
  const { seen } = await box.http();
  const requests = seen.splice(0);
  return [requests.map(({ kind }) => kind), new Set(requests.map(({ connection }) => connection)).size];
}

describe.each(['all', 'remote', 'local', 'none'] as const)('over http, --combine %s', (combine) => {
  it('every intent that has no rival takes two requests over one connection', async () => {
    await using box = await overHttp();
    await using opened = await openedQueue(box, 'clone', { combine });
    const { outcome } = await opened.queue.submit(claimIntent('a1'));
    expect(await traffic(box)).toEqual([['info-push', 'push'], 1]);
    const { key, claim } = outcome as ClaimedOutcome;
    const { claimId } = claim;
    const heartbeat: Intent = { kind: 'heartbeat', request: 'heartbeat000001', agent: 'a1', task: key, claimId };
    await using later = await openedQueue(box, 'clone', { combine, clock: wrongBy(60_000), machine: 'later' });
    expect((await later.queue.submit(heartbeat)).commit).toBeDefined();
    expect(await traffic(box)).toEqual([['info-push', 'push'], 1]);
    // In the process that has looked and pushed before.
    await opened.queue.submit({ kind: 'complete', request: 'complete0000001', agent: 'a1', task: key, claimId });
    expect(await traffic(box)).toEqual([['info-push', 'push'], 1]);
    await opened.queue.submit(claimIntent('a2'));
    expect(await traffic(box)).toEqual([['info-push', 'push'], 1]);
  });
});

describe('on a machine that is merely busy, with nobody else there', () => {
  it.each(['all', 'remote', 'none'] as const)(
    'a claim takes what it takes elsewhere: --combine %s',
    async (combine) => {
      await using box = await overHttp();
      await using opened = await openedQueue(box, 'clone', {
        combine,
        host: 'crowded',
        cpuPressureMs: () => Date.now(),
      });
      await opened.queue.submit(claimIntent('a1'));
      expect(await traffic(box)).toEqual([['info-push', 'push'], 1]);
    },
  );
});

describe('a queue over http', () => {
  it('that is closed keeps no helper, although its last look was followed by no push', async () => {
    await using box = await overHttp();
    const before = new Set(descendants(process.pid));
    {
      await using opened = await openedQueue(box, 'clone', { combine: 'none' });
      await expect(opened.queue.submit(claimIntent('a1', { task: { id: 'NONE-1' } }))).rejects.toThrow();
    }
    const { seen } = await box.http();
    expect(seen.map(({ kind }) => kind)).toEqual(['info-push']);
    await expect.poll(() => descendants(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
  });
});
