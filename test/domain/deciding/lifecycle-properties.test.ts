import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../src/domain/queue/snapshot.ts';
import { AGENTS, lifeId, live, lives, MINUTE, nameOf, queueOfLife, type Step } from '../../kit/queues/lives.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

describe('through any life of any queue', () => {
  it('every task stays in exactly one folder, and what is complete stays complete', () => {
    fc.assert(
      fc.property(lives, ([specs, steps]) => {
        for (const { before, after } of live(specs, steps)) {
          expect(after.map(nameOf)).toEqual(before.map(nameOf));
          const done = (list: readonly TaskSpec[]): string[] =>
            list.filter(({ state }) => state === 'completed').map(nameOf);
          expect(done(after)).toEqual(expect.arrayContaining(done(before)));
        }
      }),
    );
  });

  it('no live claim is taken from its owner, and no task stalls more often than allowed', () => {
    const wish = fc.constantFrom<Step['wish'][]>(
      'claim',
      'claim',
      'release-stalled',
      'release-stalled',
      'heartbeat',
      'free',
    );
    const silent = fc.record({
      minutes: fc.integer({ min: 0, max: 60 }),
      wish,
      agent: fc.constantFrom(...AGENTS),
      task: lifeId,
    });
    const few = queueOfLife.map((specs) => specs.slice(0, 2));
    fc.assert(
      fc.property(fc.tuple(few, fc.array(silent, { minLength: 10, maxLength: 40 })), ([specs, steps]) => {
        const stalls = new Map<string, number>();
        for (const { now, intent, before, after } of live(specs, steps)) {
          for (const [index, task] of after.entries()) {
            const old = before[index];
            const name = nameOf(task);
            if (intent.kind === 'unblock' && task.status === 'ready' && task.stalls === 0) stalls.delete(name);
            if (task.state === 'completed') expect(task.stalls ?? 0).toBe(0);
            if (intent.kind !== 'release-stalled' || old?.state !== 'claimed' || task.state !== 'ready') continue;
            expect(now - Date.parse(old.claim?.lastHeartbeat ?? '')).toBeGreaterThan(30 * MINUTE);
            stalls.set(name, (stalls.get(name) ?? 0) + 1);
            expect(stalls.get(name)).toBe(task.stalls);
            expect(stalls.get(name)).toBeLessThanOrEqual(DEFAULT_POOL_SETTINGS.maxReleases);
            expect(task.status === 'blocked').toBe(stalls.get(name) === DEFAULT_POOL_SETTINGS.maxReleases);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('no task fails more often than allowed, and each failure is counted once', () => {
    const wish = fc.constantFrom<Step['wish'][]>(
      'claim',
      'claim',
      'fail',
      'fail',
      'fail',
      'release',
      'complete',
      'free',
    );
    const failing = fc.record({ minutes: fc.nat({ max: 9 }), wish, agent: fc.constantFrom('a1', 'a2'), task: lifeId });
    const few = queueOfLife.map((specs) => specs.slice(0, 2));
    fc.assert(
      fc.property(fc.tuple(few, fc.array(failing, { minLength: 10, maxLength: 40 })), ([specs, steps]) => {
        for (const { intent, before, after } of live(specs, steps)) {
          for (const [index, task] of after.entries()) {
            const old = before[index];
            const [was, is] = [old?.failures?.count ?? 0, task.failures?.count ?? 0];
            const isGivenBack = old?.state === 'claimed' && task.state === 'ready';
            const isFailure = isGivenBack && intent.kind === 'release' && intent.because === 'failed';
            if (isFailure) {
              expect(is).toBe(was + 1);
              expect(task.status === 'blocked').toBe(is === DEFAULT_POOL_SETTINGS.maxFailures);
            } else expect([was, 0]).toContain(is);
            if (task.state === 'completed') expect(is).toBe(0);
            expect(is).toBeLessThanOrEqual(DEFAULT_POOL_SETTINGS.maxFailures);
          }
        }
      }),
    );
  });

  it('an intent that is asked for again at once changes nothing more', () => {
    fc.assert(
      fc.property(lives, ([specs, steps]) => {
        for (const { now, intent, after } of live(specs, steps)) {
          if (intent.kind === 'claim') continue;
          const again = decide(snapshotOf(after), [{ ...intent, request: 'again-1' }], now);
          expect(again.commits).toEqual([]);
        }
      }),
    );
  });
});
