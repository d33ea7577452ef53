import { describe, expect, it } from 'vitest';
import { MINUTE, ModelPool, START } from '../../kit/engine/model-pool.ts';

const OK = { runsMs: MINUTE };

describe('agents of one pool', () => {
  it('wait for each other while there may be more to do', async () => {
    const chain = ['T-1', 'T-2', 'T-3'].map((id, index) => ({ id, required: index === 0 ? [] : [`T-${index}`] }));
    const wide = Array.from({ length: 6 }, (_, index) => ({ id: `W-${index}`, required: ['T-3'] }));
    const pool = new ModelPool([...chain, ...wide]);
    const agents = ['a1', 'a2', 'a3'];
    const { results, nothing } = await pool.run({ agents }, () => OK);
    expect(results).toHaveLength(9);
    expect(new Set(results.map(({ job }) => job.agent))).toEqual(new Set(agents));
    expect(nothing?.message).toBe('nothing to claim: 9 completed');
    // Three in a row, then six by three agents: five minutes, and what the pushes take.
    expect(pool.time.now() - START).toBeLessThan(5.2 * MINUTE);
  });

  it('try a task later that another has failed at, and never one that they failed at themselves', async () => {
    const pool = new ModelPool([{ id: 'T-1' }, { id: 'T-2' }]);
    const { results } = await pool.run({ agents: ['a1', 'a2'] }, (task) => ({ ...OK, code: task === 'T-1' ? 1 : 0 }));
    const tries = results.filter(({ job }) => job.task.id === 'T-1');
    expect(tries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(new Set(tries.map(({ job }) => job.agent)).size).toBe(2);
    expect(results).toHaveLength(3);
  });

  it('claim no more tasks than they may', async () => {
    const pool = new ModelPool(Array.from({ length: 10 }, (_, index) => ({ id: `T-${index}` })));
    const { results } = await pool.run({ agents: ['a1', 'a2', 'a3'], maxTasks: 4 }, () => OK);
    expect(results).toHaveLength(4);
  });

  it('try a failed command again, and block its task in the end', async () => {
    const pool = new ModelPool([{ id: 'T-1' }, { id: 'T-2' }]);
    const rules = { graceMs: 10_000, timeoutMs: undefined, retries: 2, retryDelayMs: 5 * MINUTE };
    const { results } = await pool.run({ rules }, (task, attempt) => ({
      ...OK,
      code: task === 'T-2' && attempt === 3 ? 0 : 1,
    }));
    expect(results).toMatchObject([
      { outcome: 'blocked', attempts: 3, reason: 'ended with 1', elapsedMs: expect.any(Number) },
      { outcome: 'completed', attempts: 3 },
    ]);
    expect(results[0]?.elapsedMs).toBeGreaterThan(13 * MINUTE);
  });

  it('end when they have waited long enough for something to claim', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { results } = await pool.run({ idle: { kind: 'wait', ms: 10 * MINUTE }, agents: ['a1', 'a2'] }, () => OK);
    expect(results).toHaveLength(1);
    expect(pool.time.now() - START).toBeGreaterThan(11 * MINUTE);
    expect(pool.time.now() - START).toBeLessThan(11.2 * MINUTE);
  });
});

describe('a pool that is told to end', () => {
  const TASKS = ['T-1', 'T-2', 'T-3'].map((id) => ({ id }));
  const rules = { graceMs: 2 * MINUTE, timeoutMs: undefined, retries: undefined, retryDelayMs: 10_000 };

  it('lets commands finish for a while, and stops the others', async () => {
    const pool = new ModelPool(TASKS);
    const { results } = await pool.run(
      { agents: ['a1', 'a2'], rules },
      (task) => ({ runsMs: task === 'T-1' ? 2 * MINUTE : 60 * MINUTE, stubborn: true }),
      async () => {
        await pool.time.sleep(MINUTE);
        pool.interrupt.abort();
      },
    );
    expect(results.map(({ job, outcome }) => `${job.task.id} ${outcome}`).sort()).toEqual([
      'T-1 completed',
      'T-2 interrupted',
    ]);
    expect(pool.remote.violations).toEqual([]);
    // Told at one minute, asked to end at three, killed at five.
    expect(pool.time.now() - START).toBeLessThan(5.1 * MINUTE);
  });

  it('stops them at once when it is told again', async () => {
    const pool = new ModelPool(TASKS);
    const { results } = await pool.run(
      { agents: ['a1', 'a2'], rules },
      () => ({ runsMs: 60 * MINUTE }),
      async () => {
        await pool.time.sleep(MINUTE);
        pool.interrupt.abort();
        await pool.time.sleep(1_000);
        pool.urgent.abort();
      },
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['interrupted', 'interrupted']);
    expect(pool.time.now() - START).toBeLessThan(1.1 * MINUTE);
  });

  it('does not sit out a delay between two tries', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { results } = await pool.run(
      { rules: { ...rules, retries: 1, retryDelayMs: 60 * MINUTE } },
      () => ({ ...OK, code: 1 }),
      async () => {
        await pool.time.sleep(5 * MINUTE);
        pool.interrupt.abort();
      },
    );
    expect(results).toMatchObject([{ outcome: 'interrupted', attempts: 1 }]);
    expect(pool.time.now() - START).toBeLessThan(5.1 * MINUTE);
  });

  it.each([
    [143, 'interrupted'],
    [130, 'interrupted'],
    [1, 'failed'],
  ])(
    'takes a command that ends with %d then, as when all of a service are told to end, for %s',
    async (code, outcome) => {
      const pool = new ModelPool([{ id: 'T-1' }]);
      const { results } = await pool.run(
        { rules },
        () => ({ ...OK, code }),
        async () => {
          await pool.time.sleep(OK.runsMs - 1_000);
          pool.interrupt.abort();
        },
      );
      expect(results.map((result) => result.outcome)).toEqual([outcome]);
      const untold = new ModelPool([{ id: 'T-1' }]);
      expect((await untold.run({ rules, maxTasks: 1 }, () => ({ ...OK, code }))).results).toMatchObject([
        { outcome: 'failed' },
      ]);
    },
  );
});
