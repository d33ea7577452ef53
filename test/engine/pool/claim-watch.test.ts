import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { ClaimWatch } from '../../../src/engine/pool/claim-watch.ts';
import type { Standing } from '../../../src/engine/queue/reader.ts';
import { Lease } from '../../../src/engine/work/lease.ts';
import type { WorkQueue } from '../../../src/engine/work/work-queue.ts';
import { MINUTE, ModelPool } from '../../kit/engine/model-pool.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';

const TASK = { project: 'auth', id: 'T-1' };

function watched(...ids: readonly string[]): ModelPool {
  const pool = new ModelPool(ids.map((id) => ({ id })));
  pool.isWatched = true;
  return pool;
}

/** When the command was told to stop, in ms after its start. */
function stoppedAfter(pool: ModelPool, at: number): number | undefined {
  return pool.events.some(({ kind }) => kind === 'stopping') ? pool.time.now() - at : undefined;
}

describe('a worker that watches the branch', () => {
  it.each<[string, (pool: ModelPool) => Intent, string]>([
    [
      'is taken by another agent',
      (pool) => ({ kind: 'take', request: pool.id(), agent: 'a2', task: TASK, from: 'a1' }),
      'auth/T-1 is claimed by a2, not by a1',
    ],
    [
      'is given back by somebody else',
      (pool) => ({ kind: 'release', request: pool.id(), agent: 'a1', task: TASK }),
      'auth/T-1 is not claimed by a1: it is in .agents/auth/tasks/',
    ],
  ])('stops its command within one look when the task %s', async (_, intent, reason) => {
    const pool = watched('T-1');
    let at = 0;
    const { results } = await pool.run(
      { until: 'one-task' },
      () => ({ runsMs: 60 * MINUTE }),
      async () => {
        await pool.time.sleep(5 * MINUTE);
        await pool.submit(intent(pool));
        at = pool.time.now();
      },
    );
    expect(results).toMatchObject([{ outcome: 'lost', reason }]);
    // It looks every second here; the next heartbeat would have come five minutes later.
    expect(stoppedAfter(pool, at)).toBeLessThan(2_000);
  });

  it('reads nothing as long as nobody but itself moves the branch', async () => {
    const pool = watched('T-1');
    const { results } = await pool.run({}, () => ({ runsMs: 60 * MINUTE }));
    expect(results).toMatchObject([{ outcome: 'completed' }]);
    expect(pool.events.filter(({ kind }) => kind === 'renewed').length).toBeGreaterThan(4);
    expect(pool.readings).toBe(0);
  });

  it('reads once for all its claims when others move it', async () => {
    const pool = watched('T-1', 'T-2', 'T-3', 'T-4');
    await pool.run(
      { agents: ['a1', 'a2', 'a3'] },
      () => ({ runsMs: 9 * MINUTE }),
      async () => {
        await pool.time.sleep(5 * MINUTE);
        await pool.submit({ kind: 'note', request: pool.id(), agent: 'Ada', task: { id: 'T-4' }, text: 'x' });
      },
    );
    // Once after the claims, which are one commit each, and once after the note.
    expect(pool.readings).toBeLessThanOrEqual(3);
  });
});

it('does not believe what was seen before the claim was made', async () => {
  const ended: Lease[] = [];
  const asked: (string | undefined)[] = [];
  let settle: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const standing = async (_: readonly Intent[], tip: string | undefined): Promise<readonly Standing[]> => {
    asked.push(tip);
    if (tip === 'before') return [{ kind: 'gone', failure: new Failure('not-owner', 'not claimed') }];
    settle();
    return [{ kind: 'stands', outcome: {} } as Standing];
  };
  let looks = 0;
  const queue = {
    // The look that all processes share is older than the claim.
    tips: { changed: () => (looks++ === 0 ? Promise.resolve('before') : new Promise<never>(() => undefined)) },
    read: async () => ({ standing, rehearse: async () => ({ outcome: { kind: 'completed' } }) }),
  } as unknown as WorkQueue;
  const clock = new TestClock('leaping');
  const watch = new ClaimWatch({
    queue,
    clock,
    random: { next: () => 0.5, id: () => 'id' },
    onEnded: (one) => ended.push(one),
  });
  const job = { agent: 'a1', task: TASK, title: undefined, claimId: 'c1', path: 'p', commit: 'claim' };
  const lease = new Lease(job, { stalledAfterMs: 30 * MINUTE, heartbeat: 'commit' }, clock.now());
  watch.hold(lease);
  await over;
  watch.drop(lease);
  expect({ asked, ended }).toEqual({ asked: ['before', undefined], ended: [] });
  expect([lease.gone.aborted, lease.done.aborted]).toEqual([false, false]);
});

describe('a command that asks', () => {
  const ask = (pool: ModelPool): Promise<unknown> =>
    pool.submit({ kind: 'ask', request: pool.id(), agent: 'a1', task: TASK, text: 'which?' });

  it.each([
    ['ends well', 0],
    ['fails', 1],
    ['cannot work now', 75],
  ])('has neither done its task nor failed at it, and the worker goes on, if it %s', async (_, code) => {
    const pool = watched('T-1', 'T-2');
    const { results } = await pool.run(
      {},
      (task) => (task === 'T-1' ? { runsMs: 3_000, code } : { runsMs: 10 }),
      async () => {
        await pool.time.sleep(2_500);
        await ask(pool);
      },
    );
    expect(results).toMatchObject([
      { outcome: 'asked', reason: 'asked: which?' },
      { outcome: 'completed', job: { task: { id: 'T-2' } } },
    ]);
    expect(pool.remote.violations).toEqual([]);
  });

  it('is not stopped, and not begun anew', async () => {
    const pool = watched('T-1');
    let runs = 0;
    const { results } = await pool.run(
      { rules: { graceMs: 10_000, timeoutMs: undefined, retries: 2, retryDelayMs: 1_000 } },
      () => {
        runs++;
        return { runsMs: 5 * MINUTE, code: 1 };
      },
      async () => {
        await pool.time.sleep(2 * MINUTE);
        await ask(pool);
      },
    );
    expect({ runs, stops: pool.events.filter(({ kind }) => kind === 'stopping') }).toEqual({ runs: 1, stops: [] });
    expect(results).toMatchObject([{ outcome: 'asked' }]);
  });

  it('has asked also if the answer came before its end', async () => {
    const pool = watched('T-1');
    const { results } = await pool.run(
      { until: 'one-task' },
      () => ({ runsMs: 3_000, code: 1 }),
      async () => {
        await pool.time.sleep(2_800);
        await ask(pool);
        await pool.submit({ kind: 'answer', request: pool.id(), agent: 'Ada', task: TASK, text: 'this' });
      },
    );
    expect(results).toMatchObject([{ outcome: 'asked' }]);
  });
});
