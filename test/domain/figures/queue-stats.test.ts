import { describe, expect, it } from 'vitest';
import { percentOf, statsOf } from '../../../src/domain/figures/queue-stats.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../src/domain/queue/snapshot.ts';
import { limitOf } from '../../../src/domain/rules/limits.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const claimedAt = (minutesAgo: number): Partial<TaskSpec> => ({
  state: 'claimed',
  claim: { claimedBy: 'a1', lastHeartbeat: new Date(NOW - minutesAgo * 60_000).toISOString() },
});

const SPECS: readonly TaskSpec[] = [
  { id: 'T-1', state: 'completed', batch: 'base' },
  { id: 'T-2' },
  { id: 'T-3', required: ['T-2'] },
  { id: 'T-4', status: 'blocked', required: ['T-2'] },
  { id: 'T-5', status: 'blocked' },
  { id: 'T-6', status: 'blocked', required: ['T-1'] },
  { id: 'T-7', status: 'pending', holdUntil: '80% of base' },
  { id: 'T-8', ...claimedAt(3) },
  { id: 'T-9', ...claimedAt(50), batch: 'base' },
  { id: 'T-10', unreadable: 'bad' },
  { id: 'T-11' },
  { id: 'T-11', state: 'completed' },
  { id: 'T-12', status: 'blocked', required: ['T-1'], blockedReason: 'stalled' },
  { id: 'T-13', state: 'claimed', unreadable: 'bad' },
  { id: 'T-14', status: 'cancelled', batch: 'base', required: ['T-2'] },
  { project: 'pay', id: 'T-1', state: 'completed', unreadable: 'bad' },
];

describe('statsOf', () => {
  it('counts every task once', () => {
    const { projects, all } = statsOf(snapshotOf(SPECS), NOW);
    expect(projects.map(({ project }) => project)).toEqual(['auth', 'pay']);
    expect(projects[0]).toMatchObject({
      total: 14,
      completed: 1,
      ready: 1,
      waiting: 2,
      held: 1,
      blocked: 2,
      cancelled: 1,
      due: 1,
      inProgress: 2,
      stalled: 1,
      unreadable: 2,
      conflicting: 1,
    });
    expect(projects[1]).toMatchObject({ total: 1, completed: 1, unreadable: 0 });
    for (const { total, stalled: _, ...parts } of [
      all,
      ...projects.map(({ project: __, batches: ___, ...rest }) => rest),
    ]) {
      expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(total);
    }
  });

  it('shows batches, what waits for them, and those that nobody is in', () => {
    const specs: TaskSpec[] = [...SPECS, { id: 'H-1', status: 'pending', holdUntil: '50% of core' }];
    expect(statsOf(snapshotOf(specs), NOW).projects[0]?.batches).toEqual([
      { batch: 'base', completed: 1, total: 2, holds: [{ percent: 80, needed: 2, tasks: 1 }] },
      { batch: 'core', completed: 0, total: 0, holds: [{ percent: 50, needed: 0, tasks: 1 }] },
    ]);
  });

  it('is about one project where one is named', () => {
    const { projects, all } = statsOf(snapshotOf(SPECS), NOW, 'pay');
    expect(projects.map(({ project }) => project)).toEqual(['pay']);
    expect(all.total).toBe(1);
    expect(statsOf(snapshotOf(SPECS), NOW, 'nope').projects).toEqual([]);
  });

  it('says which limits and which claimed tasks hold ready ones back', () => {
    const specs: TaskSpec[] = [
      { id: 'T-1', ...claimedAt(3), touches: ['src/auth/**'], labels: { gpu: 'a100' } },
      { id: 'T-2', touches: ['src/auth/login.ts'] },
      { id: 'T-3', labels: { gpu: true }, touches: ['src/auth/x'] },
      { id: 'T-4', touches: ['src/auth/y'], required: ['T-9'] },
      { id: 'T-5' },
      { project: 'pay', id: 'T-1', touches: ['src/auth/y'] },
    ];
    const limits = [limitOf('total', 5), limitOf('pay', 2), limitOf('label.gpu', 1)];
    const snapshot = { ...snapshotOf(specs), settings: { ...DEFAULT_POOL_SETTINGS, limits } };
    expect(statsOf(snapshot, NOW).heldBack).toEqual({
      limits: [
        { limit: 'total', claimed: 1, most: 5, holdsBack: 0 },
        { limit: 'pay', claimed: 0, most: 2, holdsBack: 0 },
        { limit: 'label.gpu', claimed: 1, most: 1, holdsBack: 1 },
      ],
      touches: [{ task: 'auth/T-1', glob: 'src/auth/**', holdsBack: 2 }],
    });
    const { heldBack } = statsOf(snapshot, NOW, 'auth');
    expect(heldBack.limits.map(({ limit }) => limit)).toEqual(['total', 'label.gpu']);
    expect(heldBack.touches).toEqual([{ task: 'auth/T-1', glob: 'src/auth/**', holdsBack: 1 }]);
  });

  it('knows empty queues', () => {
    expect(statsOf(snapshotOf([]), NOW)).toMatchObject({ projects: [], all: { total: 0 } });
  });
});

it.each([
  [0, 0, 0],
  [0, 7, 0],
  [1, 3, 33],
  [999, 1000, 99],
  [7, 7, 100],
])('%i of %i is %i%%', (completed, total, percent) => {
  expect(percentOf({ completed, total })).toBe(percent);
});
