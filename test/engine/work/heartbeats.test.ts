import { describe, expect, it } from 'vitest';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { MINUTE, ModelPool, START } from '../../kit/engine/model-pool.ts';

const HOUR = 60 * MINUTE;
const AGENTS = Array.from({ length: 50 }, (_, index) => `pool-${index + 1}`);
const TASKS = AGENTS.map((_, index) => ({ id: `T-${index + 1}` }));

describe('fifty agents that beat for an hour', () => {
  it.each([
    ['at a third of the limit', undefined, 0, 10 * MINUTE],
    ['every minute', MINUTE, 0, MINUTE],
    ['begun one after the other', undefined, 20_000, 10 * MINUTE],
    ['begun over two intervals', undefined, 25_000, 10 * MINUTE],
  ])('%s make at most one commit an interval', async (_, heartbeatMs, staggerMs, interval) => {
    const pool = new ModelPool(TASKS);
    const { results } = await pool.run({ agents: AGENTS, heartbeatMs, staggerMs }, () => ({ runsMs: HOUR }));
    expect(results.map(({ outcome }) => outcome)).toEqual(AGENTS.map(() => 'completed'));
    expect(pool.remote.violations).toEqual([]);

    const beats = (await pool.commits()).filter(({ subject }) => subject.startsWith('[AGENT-HEARTBEAT]'));
    const times = beats.map(({ timeMs }) => timeMs);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // Pushes take a moment, and times of commits are in whole seconds.
    expect(gaps.filter((gap) => gap < interval - 2_000)).toEqual([]);
    expect(beats.length).toBeGreaterThanOrEqual(Math.floor(HOUR / interval) - 1);
    expect(beats.length).toBeLessThanOrEqual(Math.ceil((HOUR + 50 * staggerMs) / interval));
    // One commit for all of them.
    if (staggerMs === 0) {
      for (const beat of beats) {
        expect(beat.subject).toBe('[AGENT-HEARTBEAT] 50 agents working');
        expect(beat.trailers.filter(({ key }) => key === 'Agentq-Task')).toHaveLength(50);
      }
    }
  });

  it('never let a claim get older than half of its time', async () => {
    const pool = new ModelPool(TASKS);
    await pool.run({ agents: AGENTS, staggerMs: 25_000 }, () => ({ runsMs: HOUR }));
    const seen = new Map<string, number>();
    for (const event of pool.events) {
      if (event.kind === 'claimed') seen.set(formatKey(event.job.task), event.at);
    }
    for (const { subject, timeMs, trailers } of await pool.commits()) {
      if (!subject.startsWith('[AGENT-HEARTBEAT]')) continue;
      for (const { key, value } of trailers) {
        if (key !== 'Agentq-Task') continue;
        expect(timeMs - (seen.get(value) ?? START)).toBeLessThanOrEqual(15 * MINUTE + 2_000);
        seen.set(value, timeMs);
      }
    }
  });
});

describe('a heartbeat that fails', () => {
  it('is tried again, and the command runs on', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { results } = await pool.run(
      {},
      () => ({ runsMs: HOUR }),
      async () => {
        await pool.time.sleep(5 * MINUTE);
        pool.isReachable = false;
        await pool.time.sleep(20 * MINUTE);
        pool.isReachable = true;
      },
    );
    expect(results).toMatchObject([{ outcome: 'completed' }]);
    expect(pool.events.filter(({ kind }) => kind === 'not-renewed').length).toBeGreaterThan(3);
    expect(pool.events.map(({ kind }) => kind)).not.toContain('stopping');
  });

  it('for so long that others may have the task stops the command', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { results } = await pool.run(
      { until: 'one-task' },
      () => ({ runsMs: 3 * HOUR, stubborn: true }),
      async () => {
        await pool.time.sleep(5 * MINUTE);
        pool.isReachable = false;
        await pool.time.sleep(HOUR);
      },
    );
    expect(results).toMatchObject([{ outcome: 'lost', reason: expect.stringContaining('for 30m') }]);
    // At half an hour without a heartbeat, killed ten seconds later, and some time for giving it back.
    expect(results[0]?.elapsedMs).toBeGreaterThan(30 * MINUTE);
    expect(results[0]?.elapsedMs).toBeLessThan(33 * MINUTE);
  });

  it('did not reach anybody before three claims were answered: all three are given back, and claimed again', async () => {
    const pool = new ModelPool(['T-1', 'T-2', 'T-3'].map((id) => ({ id })));
    const awake = START + 31 * MINUTE;
    const slept = pool.time.sleep(31 * MINUTE);
    // The machine sleeps while the push of all three claims is under way, and hears of them at the same moment.
    pool.instead = (intent) => {
      if (intent.kind !== 'claim' || pool.time.now() >= awake) return undefined;
      return pool.submit(intent).then((submitted) => slept.then(() => submitted));
    };
    const agents = ['a1', 'a2', 'a3'];
    const { results } = await pool.run({ agents, heartbeatMs: MINUTE }, () => ({ runsMs: HOUR }));
    const lost = results.filter(({ outcome }) => outcome === 'lost');
    expect(lost.map(({ job }) => job.agent).toSorted()).toEqual(agents);
    // No command was started for a claim that had run out before.
    expect(lost.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
    expect(results.filter(({ outcome }) => outcome === 'completed')).toHaveLength(3);
    // Nobody leaves a task alone because this machine slept.
    const claims = pool.events.flatMap((event) => (event.kind === 'claimed' ? [event.at] : []));
    expect(Math.max(...claims)).toBeLessThan(awake + MINUTE);
  });

  it('is not missed by a claim that another machine made whose clock is an hour behind', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    pool.instead = (intent) => {
      if (intent.kind !== 'claim') return undefined;
      return pool.submit(intent).then((submitted) => {
        const { outcome } = submitted;
        if (outcome.kind !== 'claimed') return submitted;
        const claimedAt = new Date(pool.time.now() - HOUR).toISOString();
        return { ...submitted, outcome: { ...outcome, claim: { ...outcome.claim, claimedAt } } };
      });
    };
    const { results } = await pool.run({ until: 'one-task' }, () => ({ runsMs: HOUR }));
    expect(results.map(({ outcome }) => outcome)).toEqual(['completed']);
  });

  it('for the claim is gone stops the command at the next beat', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { results } = await pool.run(
      { until: 'one-task' },
      () => ({ runsMs: 3 * HOUR }),
      async () => {
        await pool.time.sleep(25 * MINUTE);
        const task = { project: 'auth', id: 'T-1' };
        await pool.submit({ kind: 'release', request: pool.id(), agent: 'a1', task });
      },
    );
    expect(results).toMatchObject([{ outcome: 'lost', commit: undefined }]);
    expect(results[0]?.elapsedMs).toBeLessThan(31 * MINUTE);
    const subjects = (await pool.commits()).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.startsWith('[AGENT-COMPLETE]'))).toEqual([]);
  });
});
