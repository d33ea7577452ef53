import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import { type Metrics, measure } from '../../../src/domain/figures/metrics.ts';
import { adviceFor } from '../../../src/domain/figures/metrics-advice.ts';
import { percentile } from '../../../src/domain/figures/tally.ts';
import type { TaskEvent, TaskEventKind } from '../../../src/domain/past/task-event.ts';

const HOUR = 3_600_000;

function event(kind: TaskEventKind, agent: string, more: Partial<TaskEvent> = {}): TaskEvent {
  return { kind, project: 'auth', task: 'T-1', agent, commit: 'c', at: HOUR, ...more };
}

const claim = (agent: string, attempts: number, waitedMs: number, more: Partial<TaskEvent> = {}): TaskEvent =>
  event('task.claimed', agent, { attempts, waitedMs, ...more });

describe('metrics', () => {
  it('counts per project and agent', () => {
    const metrics = measure(
      [
        claim('a1', 1, 100),
        claim('a2', 3, 900, { project: 'pay' }),
        event('task.claimed', 'old', { task: 'T-2' }),
        event('task.renewed', 'a1'),
        event('task.completed', 'a1'),
        event('task.released', 'a2', { project: 'pay' }),
        event('task.stalled', 'orchestrator', { task: 'T-2' }),
        event('task.added', 'architect'),
      ],
      { from: 0, to: 2 * HOUR },
    );
    expect(metrics.all).toMatchObject({ claims: 3, completions: 1, releases: 1, stalls: 1, renewals: 1, attempts: 4 });
    // (4 attempts - 2 successes) / 4: of the older script's claim nobody knows.
    expect(metrics.all.conflictRate).toBe(0.5);
    expect(metrics.all.latency).toEqual({ p50: 100, p95: 900, p99: 900 });
    expect(metrics.all.tasksPerHour).toBe(0.5);
    expect(metrics.projects.map(({ project, claims }) => [project, claims])).toEqual([
      ['auth', 2],
      ['pay', 1],
    ]);
    expect(metrics.agents.map(({ agent, claims, stalls }) => [agent, claims, stalls])).toEqual([
      ['a1', 1, 0],
      ['a2', 1, 0],
      ['old', 1, 1],
    ]);
  });

  it('counts a stall for the agent that had the task, and for nobody where the claim was before the period', () => {
    const events = [
      event('task.claimed', 'a1', { at: HOUR }),
      event('task.stalled', 'sweeper', { at: 2 * HOUR }),
      event('task.claimed', 'a2', { at: 3 * HOUR }),
      event('task.taken', 'a3', { at: 4 * HOUR }),
      event('task.stalled', 'sweeper', { at: 5 * HOUR }),
      event('task.claimed', 'a4', { at: 6 * HOUR, task: 'T-2' }),
      event('task.renewed', 'a4', { at: 7 * HOUR, task: 'T-2' }),
      event('task.stalled', 'sweeper', { at: 8 * HOUR, task: 'T-2' }),
      event('task.claimed', 'a5', { at: 9 * HOUR, task: 'T-3' }),
      event('task.released', 'a5', { at: 10 * HOUR, task: 'T-3' }),
      // Somebody has moved the file by hand meanwhile.
      event('task.stalled', 'sweeper', { at: 11 * HOUR, task: 'T-3' }),
    ];
    const stalls = (from: number) => {
      const { all, agents } = measure(events, { from: from * HOUR, to: 12 * HOUR });
      return [all.stalls, agents.flatMap(({ agent, stalls: count }) => (count === 0 ? [] : [`${agent} ${count}`]))];
    };
    expect(stalls(0)).toEqual([4, ['a1 1', 'a3 1', 'a4 1']]);
    expect(stalls(1.5)).toEqual([4, ['a3 1', 'a4 1']]);
    expect(stalls(6.5)).toEqual([2, ['a4 1']]);
    expect(stalls(7.5)).toEqual([2, []]);
  });

  it('knows how long tasks take, what failed, what waits for a merge, and what it cost', () => {
    const at = (minutes: number) => ({ at: HOUR + minutes * 60_000 });
    const metrics = measure(
      [
        event('task.claimed', 'a1', at(0)),
        event('task.released', 'a1', { ...at(5), failures: 1, costUsd: 0.5 }),
        event('task.claimed', 'a1', at(10)),
        event('task.review', 'a1', { ...at(30), costUsd: 1.25, tokens: 1000 }),
        event('task.claimed', 'a2', { ...at(20), task: 'T-2' }),
        event('task.completed', 'a2', { ...at(24), task: 'T-2' }),
        // Merged days later: that was nobody's work.
        event('task.completed', 'merge', at(3000)),
        // Claimed before the window.
        event('task.completed', 'a3', { ...at(31), task: 'T-3' }),
      ],
      { from: 0, to: 100 * HOUR },
    );
    expect(metrics.all).toMatchObject({ failures: 1, reviews: 1, releases: 1, costUsd: 1.75, tokens: 1000 });
    expect(metrics.all.duration).toEqual({ p50: 4 * 60_000, p95: 20 * 60_000 });
    expect(metrics.agents.map(({ agent, duration, costUsd }) => [agent, duration?.p50, costUsd])).toEqual([
      ['a1', 20 * 60_000, 1.75],
      ['a2', 4 * 60_000, undefined],
      ['a3', undefined, undefined],
      ['merge', undefined, undefined],
    ]);
  });

  it('counts the hours of a queue that is younger than the window from its first event', () => {
    const events = [
      event('task.added', 'architect', { at: 23 * HOUR }),
      event('task.completed', 'a1', { at: 24 * HOUR }),
    ];
    const perHour = (queue?: 'older' | 'younger') =>
      measure(events, { from: 0, to: 25 * HOUR, ...given({ queue }) }).all.tasksPerHour;
    expect(perHour('younger')).toBe(0.5);
    expect(perHour('older')).toBe(1 / 25);
    expect(perHour()).toBe(1 / 25);
  });

  it('knows nothing of nothing', () => {
    const { all, from } = measure([], { from: undefined, to: HOUR });
    expect({ all, from }).toMatchObject({
      from: undefined,
      all: { claims: 0, conflictRate: undefined, latency: undefined, tasksPerHour: undefined },
    });
  });

  it('keeps to its window and its project', () => {
    const events = [
      claim('a', 1, 1, { at: 10 }),
      claim('a', 1, 1, { at: 20 }),
      claim('a', 1, 1, { at: 30, project: 'b' }),
    ];
    expect(measure(events, { from: 15, to: 40 }).all.claims).toBe(2);
    expect(measure(events, { from: 15, to: 40 }, 'auth').all.claims).toBe(1);
    expect(measure(events, { from: undefined, to: 25 })).toMatchObject({ from: 10, all: { claims: 2 } });
  });

  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.95, 0.99, 1, 0].map((share) => percentile(hundred, share))).toEqual([50, 95, 99, 100, 1]);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  it('adds up, whatever happened', () => {
    const events = fc.array(
      fc.record({
        kind: fc.constantFrom<TaskEventKind>(
          'task.claimed',
          'task.completed',
          'task.released',
          'task.stalled',
          'task.added',
        ),
        project: fc.constantFrom('a', 'b'),
        task: fc.constantFrom('T-1', 'T-2'),
        agent: fc.constantFrom('x', 'y', 'z'),
        commit: fc.constant('c'),
        at: fc.integer({ min: 0, max: 100 }),
        attempts: fc.integer({ min: 1, max: 9 }),
        waitedMs: fc.nat(5000),
      }),
    );
    fc.assert(
      fc.property(events, (list) => {
        const { all, projects, agents } = measure(list, { from: 0, to: 100 });
        for (const parts of [projects, agents]) {
          for (const name of ['claims', 'completions', 'releases', 'attempts'] as const) {
            expect(parts.reduce((sum, part) => sum + part[name], 0)).toBe(all[name]);
          }
        }
        const stalls = (parts: readonly { readonly stalls: number }[]) =>
          parts.reduce((sum, part) => sum + part.stalls, 0);
        expect(stalls(projects)).toBe(all.stalls);
        expect(stalls(agents)).toBeLessThanOrEqual(all.stalls);
        expect(all.conflictRate ?? 0).toBeGreaterThanOrEqual(0);
        expect(all.conflictRate ?? 0).toBeLessThan(1);
        const { p50 = 0, p95 = 0, p99 = 0 } = all.latency ?? {};
        expect(p50 <= p95 && p95 <= p99).toBe(true);
      }),
    );
  });
});

describe('advice', () => {
  const pool = (agents: number, each: number, attempts: number, waitedMs: number): Metrics =>
    measure(
      Array.from({ length: agents * each }, (_, index) => claim(`a${index % agents}`, attempts, waitedMs)),
      { from: 0, to: HOUR },
    );
  const given = (metrics: Metrics): string[] => adviceFor(metrics).map(({ advice }) => advice);

  it.each<[string, Metrics, string[]]>([
    ['a small pool without conflicts', pool(5, 10, 1, 50), []],
    ['too few claims to tell', pool(3, 3, 9, 60_000), []],
    ['half of the attempts lost', pool(5, 10, 2, 50), ['specialise', 'stagger']],
    ['half lost, and little to do', pool(20, 1, 2, 50), ['specialise', 'stagger', 'add-tasks']],
    ['slow claims of many', pool(30, 2, 1, 9_000), ['fewer-agents-a-machine']],
    ['slow claims of few', pool(10, 2, 1, 9_000), []],
  ])('for %s', (_name, metrics, advice) => {
    expect(given(metrics)).toEqual(advice);
  });

  it('names the number that led to it, and its limit', () => {
    const [first] = adviceFor(pool(20, 1, 2, 50));
    expect(first).toMatchObject({ figure: 'conflictRate', value: 0.5, limit: 0.1 });
    expect(first?.message).toContain('50%');
  });

  it('begins at the limit of a tenth', () => {
    const events = [...Array.from({ length: 8 }, () => claim('a', 1, 1)), claim('a', 2, 1)];
    expect(given(measure([...events, event('task.claimed', 'old')], { from: 0, to: HOUR }))).toEqual(['specialise']);
  });
});
