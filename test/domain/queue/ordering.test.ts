import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareForClaiming, compareNatural } from '../../../src/domain/queue/ordering.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

describe('natural order', () => {
  it.each([
    [
      ['TASK-10', 'TASK-2', 'TASK-1'],
      ['TASK-1', 'TASK-2', 'TASK-10'],
    ],
    [
      ['a10b2', 'a10b10', 'a9b99'],
      ['a9b99', 'a10b2', 'a10b10'],
    ],
    [
      ['TASK-002', 'TASK-1', 'TASK-03'],
      ['TASK-1', 'TASK-002', 'TASK-03'],
    ],
    [
      ['X-99999999999999999999', 'X-100000000000000000000', 'X-99999999999999999998'],
      ['X-99999999999999999998', 'X-99999999999999999999', 'X-100000000000000000000'],
    ],
    [
      ['B', 'A-1', 'A'],
      ['A', 'A-1', 'B'],
    ],
  ])('%j -> %j', (given, expected) => {
    expect([...given].sort(compareNatural)).toEqual(expected);
  });

  it('is a total order', () => {
    const name = fc.stringMatching(/^[A-Z0-9-]{1,6}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNatural(a, b))).toBe(-Math.sign(compareNatural(b, a)) + 0);
        expect(compareNatural(a, b) === 0).toBe(a === b);
        if (compareNatural(a, b) <= 0 && compareNatural(b, c) <= 0) expect(compareNatural(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('claiming order', () => {
  it('is priority, then natural id, then project', () => {
    const snapshot = snapshotOf([
      { project: 'b', id: 'T-2', priority: 5 },
      { project: 'a', id: 'T-10', priority: 5 },
      { project: 'a', id: 'T-2', priority: 5 },
      { project: 'a', id: 'T-99', priority: 9 },
      { project: 'a', id: 'T-1', priority: 0 },
    ]);
    const entries = [...snapshot.projects.values()].flatMap((project) => project.entries).sort(compareForClaiming);
    expect(entries.map(({ key }) => `${key.project}/${key.id}`)).toEqual([
      'a/T-99',
      'a/T-2',
      'b/T-2',
      'a/T-10',
      'a/T-1',
    ]);
  });
});
