import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { counts, limitOf } from '../../../src/domain/rules/limits.ts';
import { claim, claimed, held, NOW, only, release } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

type Limits = Readonly<Record<string, number>>;

function limited(limits: Limits, specs: readonly TaskSpec[], stalls?: QueueSnapshot['stalls']): QueueSnapshot {
  const snapshot = snapshotOf(specs);
  const all = Object.entries(limits).map(([name, most]) => limitOf(name, most));
  return { ...snapshot, ...(stalls && { stalls }), settings: { ...snapshot.settings, limits: all } };
}

const gpu = (value: string | boolean = true) => ({ labels: { gpu: value } });
const dead = { state: 'claimed' as const, claim: { claimedBy: 'dead', lastHeartbeat: '2026-03-01T10:00:00Z' } };

describe('a limit of the pool', () => {
  it.each<[string, Limits, readonly TaskSpec[], string]>([
    ['lets claims in below it', { total: 2 }, [{ id: 'T-1', ...held('a1') }, { id: 'T-2' }], 'auth/T-2'],
    ['keeps out what would exceed it', { total: 1 }, [{ id: 'T-1', ...held('a1') }, { id: 'T-2' }], 'refused'],
    ['of zero keeps everything out', { auth: 0 }, [{ id: 'T-1' }], 'refused'],
    [
      'of a project counts that project, and the next task that fits is taken',
      { auth: 1 },
      [
        { id: 'T-1', ...held('a1') },
        { id: 'T-2', priority: 9 },
        { id: 'T-3', project: 'pay' },
      ],
      'pay/T-3',
    ],
    [
      'of a label counts tasks with it, whatever its value',
      { 'label.gpu': 1 },
      [
        { id: 'T-1', ...held('a1'), ...gpu('a100') },
        { id: 'T-2', ...gpu() },
        { id: 'T-3', priority: 1 },
      ],
      'auth/T-3',
    ],
    [
      'does not count work that waits for its review',
      { total: 1 },
      [{ id: 'T-1', state: 'claimed', claim: { claimedBy: 'a1', reviewSince: '2026-03-01T11:50:00Z' } }, { id: 'T-2' }],
      'auth/T-2',
    ],
    [
      'of a label does not count tasks that deny it',
      { 'label.gpu': 1 },
      [
        { id: 'T-1', ...held('a1'), ...gpu(false) },
        { id: 'T-2', ...gpu() },
      ],
      'auth/T-2',
    ],
    [
      'counts what cannot be read, by its folder',
      { total: 1 },
      [{ id: 'T-1', state: 'claimed', unreadable: 'bad' }, { id: 'T-2' }],
      'refused',
    ],
  ])('%s', (_, limits, specs, expected) => {
    expect(claimed(only(decide(limited(limits, specs), [claim('a2')], NOW)))).toBe(expected);
  });

  it('holds within one batch, and a release in it makes room', () => {
    const specs = [{ id: 'T-1', ...held('a1') }, { id: 'T-2' }, { id: 'T-3' }];
    const claims = ['a2', 'a3', 'a4'].map((agent) => claim(agent));
    const plan = (intents: Parameters<typeof decide>[1]) =>
      decide(limited({ total: 2 }, specs), intents, NOW).decisions.map(claimed);
    expect(plan(claims)).toEqual(['auth/T-2', 'refused', 'refused']);
    expect(plan([...claims, release('a1', 'T-1')])).toEqual(['auth/T-1', 'auth/T-2', 'refused', 'auth/T-1']);
  });

  it('is named where it is in the way', () => {
    const specs = [{ id: 'T-1', ...held('a1') }, { id: 'T-2' }, { id: 'T-3', required: ['T-1'] }];
    const snapshot = limited({ total: 1, auth: 7 }, specs);
    expect(only(decide(snapshot, [claim('a2')], NOW))).toMatchObject({
      refusal: {
        message: expect.stringContaining(
          '1 waits for dependencies, 1 held back by limit total (1 of 1 claimed), 1 claimed',
        ),
        why: { heldBack: { tasks: 1, by: ['limit total (1 of 1 claimed)'] } },
      },
    });
    expect(only(decide(snapshot, [claim('a2', {}, { task: { id: 'T-2' } })], NOW))).toMatchObject({
      refusal: { message: 'auth/T-2 is held back by limit total (1 of 1 claimed)' },
    });
  });

  it('counts the dead until they are wanted, or their room is', () => {
    const stalled = { id: 'T-1', ...dead };
    const taken = (specs: readonly TaskSpec[], filter = {}) => {
      const plan = decide(limited({ total: 1 }, specs, 'witnessed'), [claim('a2', filter)], NOW);
      return [claimed(only(plan)), plan.commits[0]?.tasks.map(({ key, to }) => `${key.id} ${to}`)];
    };
    expect(taken([stalled])).toEqual(['auth/T-1', ['T-1 ready']]);
    // Its room is wanted, by somebody who does not want the task.
    expect(taken([stalled, { id: 'T-2', project: 'pay' }], { project: 'pay' })).toEqual(['pay/T-2', ['T-1 ready']]);
    // It has stalled too often: it makes room for the next.
    expect(taken([{ ...stalled, stalls: 2, priority: 9 }, { id: 'T-2' }])).toEqual(['auth/T-2', ['T-1 ready']]);
    expect(taken([{ id: 'T-1', ...held('alive') }, { id: 'T-2' }])).toEqual(['refused', undefined]);
  });

  it('is never exceeded, and keeps out nothing that it has room for', () => {
    const spec: fc.Arbitrary<TaskSpec> = fc
      .record({
        project: fc.constantFrom('auth', 'pay'),
        id: fc.integer({ min: 1, max: 6 }).map((n) => `T-${n}`),
        labels: fc.constantFrom({}, { gpu: true }, { gpu: false }),
        priority: fc.integer({ min: 0, max: 2 }),
        owner: fc.constantFrom(undefined, undefined, 'a1', 'dead'),
      })
      .map(({ owner, ...rest }) => ({
        ...rest,
        ...(owner === 'dead' ? dead : owner === undefined ? {} : held(owner)),
      }));
    const queue = fc.uniqueArray(spec, { selector: ({ project, id }) => `${project}/${id}`, maxLength: 10 });
    const limits = fc.dictionary(fc.constantFrom('total', 'auth', 'label.gpu'), fc.integer({ min: 0, max: 4 }));
    const filters = fc.array(fc.constantFrom({}, { project: 'pay' }, { labels: { gpu: 'true' } }), { maxLength: 6 });
    fc.assert(
      fc.property(queue, limits, filters, (specs, limit, wanted) => {
        const snapshot = limited(limit, specs, 'witnessed');
        const plan = decide(
          snapshot,
          wanted.map((filter, index) => claim(`b${index}`, filter)),
          NOW,
        );
        const entries = [...snapshot.projects.values()].flatMap((project) => project.entries);
        const now = new Map(entries.map((entry) => [entry, entry.state]));
        const of = (path: string, id: string) =>
          entries.find((entry) => entry.key.id === id && path.startsWith(`.agents/${entry.key.project}/`));
        for (const { key, toPath, to } of plan.commits.flatMap(({ tasks }) => tasks)) {
          const entry = of(toPath, key.id);
          if (entry !== undefined) now.set(entry, to);
        }
        const isFull = (entry: (typeof entries)[number]): boolean =>
          snapshot.settings.limits.some((one) => {
            const all = entries.filter((other) => now.get(other) === 'claimed' && counts(one, other)).length;
            return counts(one, entry) && all >= one.most;
          });
        for (const one of snapshot.settings.limits) {
          const before = entries.filter((entry) => entry.state === 'claimed' && counts(one, entry)).length;
          const after = entries.filter((entry) => now.get(entry) === 'claimed' && counts(one, entry)).length;
          expect(after).toBeLessThanOrEqual(Math.max(one.most, before));
        }
        // Whoever was refused last would be refused again: what is open then has no room.
        const last = wanted.at(-1);
        if (last === undefined || plan.decisions.at(-1)?.kind !== 'refused' || Object.keys(last).length > 0) return;
        for (const entry of entries)
          if (now.get(entry) === 'ready' && entry.state === 'ready') expect(isFull(entry)).toBe(true);
      }),
    );
  });
});
