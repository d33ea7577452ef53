import { describe, expect, it } from 'vitest';
import { Failure, type FailureCode } from '../../../src/domain/base/failure.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { MINUTE, ModelPool, START } from '../../kit/engine/model-pool.ts';

const OK = { runsMs: MINUTE };
const SECOND = 1_000;

function requestsOf(pool: ModelPool, kind: Intent['kind']): string[] {
  return pool.asked.filter((intent) => intent.kind === kind).map(({ request }) => request);
}

/** Lets the first tries of this kind fail, and then all through. */
function failFirst(pool: ModelPool, kind: Intent['kind'], times: number, error: () => unknown): void {
  let failures = 0;
  pool.instead = (intent) => (intent.kind === kind && failures++ < times ? Promise.reject(error()) : undefined);
}

function hang(pool: ModelPool, ...kinds: readonly Intent['kind'][]): void {
  pool.instead = (intent) => (kinds.includes(intent.kind) ? new Promise(() => {}) : undefined);
}

describe('work that is done', () => {
  it.each<[string, () => unknown]>([
    ['a full disk', () => new Failure('machine-unusable', 'disk full', { details: { lacks: 'disk', passing: true } })],
    ['a git directory that cannot be written', () => new Failure('machine-unusable', 'read-only')],
    ['a remote that is away', () => new Failure('remote-unreachable', 'away')],
    ['a remote that refuses', () => new Failure('remote-refused', 'maintenance')],
    ['damage that can be fetched again', () => new Failure('repository-damaged', 'x', { details: { passing: true } })],
  ])('is kept through %s, and said with one request', async (_, error) => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    failFirst(pool, 'complete', 8, error);
    const { results, failure } = await pool.run({}, () => OK);
    expect(results.map(({ outcome }) => outcome)).toEqual(['completed']);
    expect(failure).toBeUndefined();
    const requests = requestsOf(pool, 'complete');
    expect(requests).toHaveLength(9);
    expect(new Set(requests).size).toBe(1);
    const told = pool.events.flatMap((event) => (event.kind === 'untold' ? [event.failures] : []));
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('is tried some times where nobody knows what is wrong, and then named', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    failFirst(pool, 'complete', 1_000, () => new Failure('git-unusable', 'strange'));
    const { results, failure } = await pool.run({}, () => OK);
    expect(results.map(({ outcome }) => outcome)).toEqual(['unsettled']);
    expect(failure).toMatchObject({ code: 'git-unusable', hint: expect.stringContaining('agentq release') });
    expect(requestsOf(pool, 'complete')).toHaveLength(5);
  });

  it.each<FailureCode>(['task-unreadable', 'task-in-two-states', 'task-invalid'])(
    'is not said again where the answer is %s',
    async (code) => {
      const pool = new ModelPool([{ id: 'T-1' }]);
      failFirst(pool, 'complete', 1_000, () => new Failure(code, 'no'));
      await pool.run({}, () => OK);
      expect(requestsOf(pool, 'complete')).toHaveLength(1);
    },
  );

  it('is given up when the claim may be taken, and never tried for ever', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    failFirst(pool, 'complete', 1_000_000, () => new Failure('remote-refused', 'a hook says no'));
    const { results } = await pool.run({}, () => OK);
    expect(results.map(({ outcome }) => outcome)).toEqual(['unsettled']);
    expect(pool.time.now() - START).toBeLessThan(33 * MINUTE);
  });

  it('is said to have no answer for as long as there is none', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    hang(pool, 'complete');
    await pool.run(
      {},
      () => OK,
      async () => {
        await pool.time.sleep(3 * MINUTE);
        pool.interrupt.abort();
      },
    );
    const unheard = pool.events.flatMap((event) => (event.kind === 'unheard' ? [event.sinceMs] : []));
    expect(unheard).toEqual([30, 60, 90, 120].map((seconds) => seconds * SECOND));
  });
});

describe('a task that is given back', () => {
  it('is given back as soon as that can be said', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    failFirst(pool, 'release', 6, () => new Failure('machine-unusable', 'no files', { details: { lacks: 'files' } }));
    const { results } = await pool.run({}, () => ({ ...OK, code: 1 }));
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(new Set(requestsOf(pool, 'release')).size).toBe(1);
    expect(requestsOf(pool, 'release')).toHaveLength(7);
  });
});

describe('a worker that is told to end while the remote hangs', () => {
  it.each([
    ['once', 1, 11 * SECOND],
    ['twice', 2, 5 * SECOND],
  ] as const)('%s has ended soon after', async (_, signals, mostMs) => {
    for (const kind of ['complete', 'release', 'claim'] as const) {
      const pool = new ModelPool([{ id: 'T-1' }]);
      hang(pool, kind);
      let toldAt = 0;
      const { results } = await pool.run(
        {},
        () => ({ ...OK, code: kind === 'release' ? 1 : 0 }),
        async () => {
          await pool.time.sleep(2 * MINUTE);
          toldAt = pool.time.now();
          pool.interrupt.abort();
          if (signals === 1) return;
          await pool.time.sleep(SECOND);
          pool.urgent.abort();
        },
      );
      expect(pool.time.now() - toldAt, kind).toBeLessThanOrEqual(mostMs);
      if (kind === 'claim') expect(pool.events).toContainEqual(expect.objectContaining({ kind: 'warning' }));
      else expect(results.map(({ outcome }) => outcome)).toEqual(['unsettled']);
    }
  });

  it('says what it can as soon as it can', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    let isAway = true;
    pool.instead = (intent) =>
      intent.kind === 'complete' && isAway ? Promise.reject(new Failure('remote-unreachable', 'away')) : undefined;
    const { results } = await pool.run(
      {},
      () => OK,
      async () => {
        await pool.time.sleep(5 * MINUTE);
        pool.interrupt.abort();
        await pool.time.sleep(4 * SECOND);
        isAway = false;
      },
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['completed']);
    expect(pool.time.now() - START).toBeLessThan(5.2 * MINUTE);
  });
});

describe('a claim that may have landed', () => {
  /** The first tries have no answer, and carry where to look for their commit. */
  function loseAnswers(pool: ModelPool, times: number): void {
    let failures = 0;
    pool.instead = ({ kind, request }) => {
      if (kind !== 'claim' || failures++ >= times) return undefined;
      // Only the first push is known to have been sent: later tries do not even get so far.
      const details = failures === 1 ? { mayHaveLanded: true, request, base: 'b'.repeat(40) } : {};
      return Promise.reject(new Failure('remote-unreachable', 'the answer was lost', { details }));
    };
  }

  it('is asked for again as the same claim from where it was, and no other is made meanwhile', async () => {
    const pool = new ModelPool([{ id: 'T-1' }, { id: 'T-2' }]);
    loseAnswers(pool, 3);
    const { results } = await pool.run({ maxTasks: 1 }, () => OK);
    expect(results).toHaveLength(1);
    expect(requestsOf(pool, 'claim')).toHaveLength(4);
    expect(new Set(requestsOf(pool, 'claim')).size).toBe(1);
    expect(pool.bases.slice(0, 4)).toEqual([undefined, ...Array.from({ length: 3 }, () => 'b'.repeat(40))]);
  });

  it('is named when the pool ends without an answer', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    loseAnswers(pool, 1_000_000);
    const { failure } = await pool.run({}, () => OK);
    const [request] = requestsOf(pool, 'claim');
    expect(failure?.code).toBe('remote-unreachable');
    expect(new Set(requestsOf(pool, 'claim')).size).toBe(1);
    expect(JSON.stringify([failure?.hint, pool.events])).toContain(request);
  });

  it('is a new one where it certainly has not landed', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    failFirst(pool, 'claim', 2, () => new Failure('remote-unreachable', 'away'));
    await pool.run({ idle: { kind: 'wait', ms: MINUTE }, maxTasks: 1 }, () => OK);
    expect(new Set(requestsOf(pool, 'claim')).size).toBe(3);
  });
});

describe('a machine without room for all commands', () => {
  const tasks = Array.from({ length: 12 }, (_, index) => ({ id: `T-${index}` }));

  it('works with as many as fit, and no task fails for that', async () => {
    const pool = new ModelPool(tasks);
    pool.room = 2;
    const agents = ['a1', 'a2', 'a3', 'a4', 'a5'];
    const { results, failure } = await pool.run({ agents }, () => ({ runsMs: 3 * SECOND }));
    expect(results.map(({ outcome }) => outcome)).toEqual(tasks.map(() => 'completed'));
    expect(failure).toBeUndefined();
  });

  it('loses the agents for which there is none for long, and their tasks are worked on by others', async () => {
    const pool = new ModelPool(tasks);
    pool.room = 1;
    const { results, failure } = await pool.run({ agents: ['a1', 'a2'] }, () => ({ runsMs: 5 * MINUTE }));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([...tasks.map(() => 'completed'), 'no-room']);
    expect(failure).toBeUndefined();
  });

  it('says so where there is none for a single one', async () => {
    const pool = new ModelPool(tasks);
    pool.room = 0;
    const { results, failure } = await pool.run({ agents: ['a1', 'a2'] }, () => OK);
    expect(failure).toMatchObject({ code: 'machine-unusable', message: 'no more files' });
    expect(results.map(({ outcome }) => outcome)).toEqual(['no-room', 'no-room']);
  });
});

describe('a machine on which no task can be begun', () => {
  const tasks = Array.from({ length: 12 }, (_, index) => ({ id: `T-${index}` }));
  const claims = (pool: ModelPool) => new Set(requestsOf(pool, 'claim')).size;

  it('claims one task for each agent, gives it back, and says why', async () => {
    const pool = new ModelPool(tasks);
    pool.opening = () => {
      throw new Failure('config-invalid', 'there is no branch mian');
    };
    const { results, failure } = await pool.run({ agents: ['a1', 'a2'] }, () => OK);
    expect(failure).toMatchObject({ code: 'config-invalid', message: 'there is no branch mian' });
    expect(results.map(({ outcome }) => outcome)).toEqual(['no-room', 'no-room']);
    expect(claims(pool)).toBe(2);
  });

  it('waits for a remote that is away, with the claim', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    let tries = 0;
    pool.opening = () => {
      if (++tries < 6) throw new Failure('remote-unreachable', 'away');
    };
    const { results } = await pool.run({ maxTasks: 1 }, () => OK);
    expect(results.map(({ outcome }) => outcome)).toEqual(['completed']);
    expect(claims(pool)).toBe(1);
  });

  it('loses the claim where the remote is away for too long', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    pool.opening = () => {
      throw new Failure('remote-unreachable', 'away');
    };
    const { results } = await pool.run(
      { maxTasks: 1 },
      () => OK,
      async () => {
        await pool.time.sleep(MINUTE);
        pool.isReachable = false;
      },
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['lost']);
  });
});
