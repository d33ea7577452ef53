import { expect, it, vi } from 'vitest';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { FetchTurns } from '../../../src/git/upstream/fetch-turns.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { GitQueueStore } from '../../../src/store/git-queue-store.ts';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH } from '../../kit/scene/upstream-scene.ts';

/** A piece of work that ends when it is told to. */
function piece(order: string[], name: string) {
  let resolve = (): void => undefined;
  let reject = (_error: Error): void => undefined;
  const promise = new Promise<void>((onEnd, onFailure) => {
    resolve = onEnd;
    reject = onFailure;
  });
  const work = (): Promise<void> => {
    order.push(name);
    return promise;
  };
  return { work, end: () => resolve(), fail: (error: Error) => reject(error) };
}

it('runs one after another, the last one that came first, also after a failure', async () => {
  const turns = new FetchTurns();
  const order: string[] = [];
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => piece(order, name)) as [Piece, Piece, Piece, Piece];
  const first = turns.take(a.work);
  const second = turns.take(b.work);
  const third = turns.take(c.work);
  expect(order).toEqual(['a']);
  a.fail(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  expect(order).toEqual(['a', 'c']);
  const fourth = turns.take(d.work);
  c.end();
  await third;
  expect(order).toEqual(['a', 'c', 'd']);
  for (const one of [b, d]) one.end();
  await Promise.all([second, fourth]);
  expect(order).toEqual(['a', 'c', 'd', 'b']);
});

type Piece = ReturnType<typeof piece>;

it('waits no longer than its own signal, or five seconds, for another', async () => {
  vi.useFakeTimers();
  try {
    const turns = new FetchTurns();
    const order: string[] = [];
    const hanging = piece(order, 'hanging');
    const held = turns.take(hanging.work);
    const gone = new AbortController();
    const ended = turns.take(piece(order, 'ended').work, gone.signal);
    gone.abort(new Error('given up'));
    await expect(ended).rejects.toThrow('given up');
    const alone = piece(order, 'alone');
    const running = turns.take(alone.work);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(order).toEqual(['hanging']);
    await vi.advanceTimersByTimeAsync(1);
    expect(order).toEqual(['hanging', 'alone']);
    // It never had the turn, so it gives none away.
    alone.end();
    await running;
    const next = piece(order, 'next');
    const waiting = turns.take(next.work);
    expect(order).toEqual(['hanging', 'alone']);
    hanging.end();
    next.end();
    await Promise.all([held, waiting]);
    expect(order).toEqual(['hanging', 'alone', 'next']);
  } finally {
    vi.useRealTimers();
  }
});

it('ten commits that are needed at the same moment cost two fetches', async () => {
  await using box = await scene({ files: { 'q/T.toon': 'one\n' }, clones: ['clone'] });
  const commits: string[] = [];
  for (let n = 0; n < 10; n++) commits.push(await box.commitTo(box.remote, BRANCH, { 'q/T.toon': `${n}\n` }));
  const log: string[][] = [];
  const repository = await box.open('clone', { log });
  const objects = openObjects(repository);
  const store = new GitQueueStore(repository, openUpstream(repository, 'origin'), objects, 'develop');
  await Promise.all(commits.map((commit) => store.obtain(commit)));
  for (const commit of commits) expect(await objects.exists(commit)).toBe(true);
  await objects.close();
  expect(log.filter(([command]) => command === 'fetch')).toHaveLength(2);
});
