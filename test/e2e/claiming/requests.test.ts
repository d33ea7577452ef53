import { expect, it } from 'vitest';
import { readyTasks } from '../../kit/queues/queue-files.ts';
import type { RequestKind } from '../../kit/remotes/http-git-server.ts';
import { traffic } from '../../kit/scene/http-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What each command costs a server: its requests in their order, and how many connections they take. */
type Cost = readonly [readonly RequestKind[], number];

const LOOK: Cost = [['info-push'], 1];
const LOOK_AND_PUSH: Cost = [['info-push', 'push'], 1];
const READ: Cost = [['info-fetch', 'fetch'], 1];

/** One life of a queue, in this order. */
const KNOWN: Readonly<Record<string, Cost>> = {
  status: READ,
  list: READ,
  'claim --dry-run': READ,
  add: LOOK_AND_PUSH,
  claim: LOOK_AND_PUSH,
  heartbeat: LOOK_AND_PUSH,
  complete: LOOK_AND_PUSH,
  'claim again': LOOK_AND_PUSH,
  release: LOOK_AND_PUSH,
  'release-stalled, with nothing to release': LOOK,
  'unblock, with nothing to unblock': LOOK,
};

const FETCHED: Cost = [['info-fetch', 'fetch'], 1];
const FETCHED_AND_PUSHED: Cost = [['info-fetch', 'fetch', 'info-push', 'push'], 1];
const READ_AND_FETCHED: Cost = [['info-fetch', 'fetch', 'info-fetch', 'fetch'], 2];

/** The same, if somebody else has pushed before each of them. */
const TO_FETCH: Readonly<Record<string, Cost>> = {
  status: READ_AND_FETCHED,
  list: READ_AND_FETCHED,
  'claim --dry-run': READ_AND_FETCHED,
  // Until now the clone has known the tip.
  add: [['info-push', 'info-fetch', 'fetch', 'push'], 2],
  claim: FETCHED_AND_PUSHED,
  heartbeat: FETCHED_AND_PUSHED,
  complete: FETCHED_AND_PUSHED,
  'claim again': FETCHED_AND_PUSHED,
  release: FETCHED_AND_PUSHED,
  'release-stalled, with nothing to release': FETCHED,
  'unblock, with nothing to unblock': FETCHED,
};

/** Runs each command once; `before` runs before each. @returns what each of them cost */
async function live(before: (box: Scene, round: number) => Promise<unknown>): Promise<Record<string, Cost>> {
  await using box = await scene({ tasks: 3, clones: ['clone'] });
  const http = await box.http();
  await box.git('clone', 'remote', 'set-url', 'origin', http.url(box.remote));
  const costs: Record<string, Cost> = {};
  let rounds = 0;
  const run = async (name: string, ...args: readonly string[]): Promise<string> => {
    await before(box, rounds++);
    await traffic(box);
    const { code, stdout, stderr } = await box.agentq('clone', ...args);
    expect(code, stderr).toBe(0);
    costs[name] = await traffic(box);
    return stdout.trim();
  };
  await run('status', 'status');
  await run('list', 'list');
  await run('claim --dry-run', 'claim', 'a1', '--dry-run');
  await run('add', 'add', '--project', 'auth', '--title', 'One more', '--type', 'feature');
  const task = await run('claim', 'claim', 'a1');
  // Within the second of the claim there is nothing to write yet.
  do await run('heartbeat', 'heartbeat', task, 'a1');
  while (costs.heartbeat?.[0].includes('push') === false);
  await run('complete', 'complete', task, 'a1');
  const other = await run('claim again', 'claim', 'a1');
  await run('release', 'release', other, 'a1');
  await run('release-stalled, with nothing to release', 'release-stalled');
  await run('unblock, with nothing to unblock', 'unblock');
  return costs;
}

it('costs a server over http what is the least, with the tip of the branch known', async () => {
  expect(await live(async () => undefined)).toEqual(KNOWN);
});

it('costs a server over http what is the least, with the tip of the branch to fetch', async () => {
  const others = (box: Scene, round: number) =>
    box.commitTo(box.remote, 'refs/heads/develop', { [`notes/${round}.md`]: 'News\n' });
  expect(await live(others)).toEqual(TO_FETCH);
});

it('costs no more to take the heartbeat of a claim along, if that is a ref', async () => {
  const settings = { '.agents-core/config/agentq.toon': 'agentq:\n  heartbeat: ref\n' };
  await using box = await scene({ files: { ...readyTasks(3), ...settings }, clones: ['clone'] });
  const http = await box.http();
  await box.git('clone', 'remote', 'set-url', 'origin', http.url(box.remote));
  const refs = async (): Promise<readonly string[]> =>
    Object.keys(await box.refs(box.remote)).filter((ref) => ref.startsWith('refs/agentq/'));
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await box.agentq('clone', ...args);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  for (const end of ['complete', 'release']) {
    const task = await done('claim', 'a1');
    while ((await refs()).length === 0) await done('heartbeat', task, 'a1');
    await traffic(box);
    await done(end, task, 'a1');
    expect(await traffic(box)).toEqual(LOOK_AND_PUSH);
    expect(await refs()).toEqual([]);
  }
});
