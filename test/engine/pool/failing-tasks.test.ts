import { describe, expect, it } from 'vitest';
import type { TaskResult } from '../../../src/engine/work/job.ts';
import { MINUTE, type ModelCommand, ModelPool, START } from '../../kit/engine/model-pool.ts';

const SECOND = 1_000;
const named = (count: number, from = 1) => Array.from({ length: count }, (_, index) => ({ id: `T-${index + from}` }));
const agents = (count: number) => Array.from({ length: count }, (_, index) => `a${index + 1}`);
const triesOf = (results: readonly TaskResult[], task: string) => results.filter(({ job }) => job.task.id === task);
const WAITS = { idle: { kind: 'wait', ms: 30 * MINUTE } } as const;

/** When the command was started for a task, in seconds from the beginning. */
function timed(pool: ModelPool, command: (task: string, tries: number) => ModelCommand) {
  const starts: number[] = [];
  return {
    starts,
    run: (task: string): ModelCommand => {
      starts.push(Math.floor((pool.time.now() - START) / SECOND));
      return command(task, starts.length);
    },
  };
}

describe('a task that fails', () => {
  it('is offered to the others after growing pauses, until the queue blocks it', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { starts, run } = timed(pool, () => ({ runsMs: SECOND, code: 1 }));
    const { results, failure } = await pool.run({ agents: agents(5) }, run);
    expect(results.map(({ outcome, failures }) => [outcome, failures])).toEqual([
      ['failed', 1],
      ['failed', 2],
      ['blocked', 3],
    ]);
    expect(new Set(results.map(({ job }) => job.agent)).size).toBe(3);
    expect(starts).toEqual([0, 11, 32]);
    expect(failure).toBeUndefined();
  });

  it('is not taken at once by an agent that comes free at the same moment', async () => {
    const pool = new ModelPool(named(4));
    const starts = new Map<string, number[]>();
    await pool.run({ agents: agents(4) }, (task) => {
      starts.set(task, [...(starts.get(task) ?? []), pool.time.now()]);
      // So that one agent's claim and another's release are in one push.
      return { runsMs: SECOND + 20 * Number(task.slice(2)), code: 1 };
    });
    for (const [first = 0, second = 0] of starts.values()) expect(second - first).toBeGreaterThan(10 * SECOND);
    expect(starts.size).toBe(4);
  });

  it('is left to others by a lone agent, which ends at once', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { results } = await pool.run({}, () => ({ runsMs: SECOND, code: 1 }));
    expect(results).toMatchObject([{ outcome: 'failed', failures: 1 }]);
    expect(pool.time.now() - START).toBeLessThan(2 * SECOND);
  });

  it('is not claimed at once by the agent whose command has given it back by itself', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const starts: number[] = [];
    const { results } = await pool.run({ ...WAITS, maxTasks: 3 }, (id) => {
      starts.push(Math.floor((pool.time.now() - START) / SECOND));
      const request = pool.id();
      void pool.submit({ kind: 'release', request, agent: 'a1', task: { project: 'auth', id }, reason: 'cannot' });
      return { runsMs: SECOND };
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(['lost', 'lost', 'lost']);
    expect(starts).toEqual([0, 61, 182]);
  });

  it('is offered to a lone agent again that waits, much later', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const { starts, run } = timed(pool, (_, tries) => ({ runsMs: SECOND, code: tries === 3 ? 0 : 1 }));
    const { results } = await pool.run(WAITS, run);
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'completed']);
    expect(starts).toEqual([0, 61, 182]);
  });

  it('keeps a pool open that would have ended its wait before', async () => {
    const pool = new ModelPool([{ id: 'T-1' }]);
    const idle = { kind: 'wait', ms: 5 * SECOND } as const;
    const { results } = await pool.run({ idle, agents: agents(2) }, (_, __) => ({ runsMs: SECOND, code: 1 }));
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(pool.time.now() - START).toBeLessThan(30 * SECOND);
  });

  it('does not keep a large pool from its other tasks, nor from those behind it', async () => {
    const wide = named(36);
    const behind = wide.map(({ id }) => ({ id: `B-${id}`, required: [id] }));
    const pool = new ModelPool([...wide, ...behind]);
    const failed = new Set<string>();
    const { results, failure } = await pool.run({ agents: agents(18) }, (task) => {
      // Every third fails the first time, wherever it is tried.
      const isFirst = Number(task.split('-')[1]) % 3 === 0 && !failed.has(task);
      if (isFirst) failed.add(task);
      return { runsMs: 5 * SECOND, code: isFirst ? 1 : 0 };
    });
    expect(failure).toBeUndefined();
    expect(results.filter(({ outcome }) => outcome === 'completed')).toHaveLength(72);
  });

  it('does not end a pool that lives long, however many fail in its life', async () => {
    const pool = new ModelPool(named(50));
    const { results, failure } = await pool.run({ agents: agents(2), ...WAITS }, (task) => ({
      runsMs: 2 * MINUTE,
      code: Number(task.slice(2)) % 10 === 0 ? 0 : 1,
    }));
    expect(failure).toBeUndefined();
    expect(triesOf(results, 'T-1')).toHaveLength(3);
    expect(results.filter(({ outcome }) => outcome === 'completed')).toHaveLength(5);
  });
});

describe('a pool whose every command fails', () => {
  it.each([1, 4])('ends after five tasks: %i agents', async (count) => {
    const pool = new ModelPool(named(30));
    const { results, failure } = await pool.run({ agents: agents(count), ...WAITS }, () => ({ runsMs: 10, code: 1 }));
    expect(failure).toMatchObject({ code: 'command-failed', message: expect.stringContaining('every command fails') });
    expect(failure?.message).toContain('5 tasks in a row, the last one ended with 1');
    // Those that had begun by then are finished.
    expect(results.length).toBeLessThan(5 + count);
  });

  it('ends later too, when commands begin to fail at once', async () => {
    const pool = new ModelPool(named(100));
    const { results, failure } = await pool.run({ agents: agents(2), ...WAITS }, (task) =>
      Number(task.slice(2)) <= 5 ? { runsMs: 5 * MINUTE } : { runsMs: SECOND, code: 1 },
    );
    expect(failure?.message).toContain('every command fails: 20 tasks in a row');
    expect(results.filter(({ outcome }) => outcome === 'completed')).toHaveLength(5);
    expect(results.length).toBeLessThan(30);
  });

  it('goes on where only some fail, though these end first', async () => {
    const pool = new ModelPool(named(20));
    const { failure } = await pool.run({ agents: agents(10) }, (task) =>
      Number(task.slice(2)) <= 1 ? { runsMs: 10 } : { runsMs: SECOND, code: Number(task.slice(2)) <= 7 ? 1 : 0 },
    );
    expect(failure).toBeUndefined();
  });
});

describe('a command that cannot work now', () => {
  const notNow = { runsMs: SECOND, code: 75 };

  it('costs its task nothing; the others come first, after a pause', async () => {
    const pool = new ModelPool(named(2));
    const { starts, run } = timed(pool, (_, tries) => (tries === 1 ? notNow : { runsMs: SECOND }));
    const { results } = await pool.run(WAITS, run);
    expect(results.map(({ job, outcome }) => `${job.task.id} ${outcome}`)).toEqual([
      'T-1 deferred',
      'T-2 completed',
      'T-1 completed',
    ]);
    expect(starts).toEqual([0, 11, 31]);
    const releases = (await pool.commits()).filter(({ subject }) => subject.includes('released'));
    expect(releases).toHaveLength(1);
    expect(releases[0]?.trailers.map(({ key }) => key)).not.toContain('Agentq-Failures');
    expect(pool.events).toContainEqual(expect.objectContaining({ kind: 'pausing', pauseMs: 10 * SECOND }));
  });

  it('pauses all agents, longer each time', async () => {
    const pool = new ModelPool(named(30));
    const { starts, run } = timed(pool, (_, tries) => (tries <= 6 ? notNow : { runsMs: SECOND }));
    await pool.run({ ...WAITS, agents: agents(2), maxTasks: 8 }, run);
    expect(starts).toEqual([0, 0, 11, 11, 32, 32, 73, 73]);
  });

  it('ends a pool in the end that was not asked to wait, and leaves its tasks to others', async () => {
    const pool = new ModelPool(named(30));
    const { results, failure } = await pool.run({}, () => notNow);
    expect(failure).toMatchObject({ code: 'command-failed', message: expect.stringContaining('6 times in a row') });
    expect(results.every(({ outcome }) => outcome === 'deferred')).toBe(true);
    expect((await new ModelPool(named(1)).run({}, () => notNow)).failure).toBeUndefined();
  });
});
