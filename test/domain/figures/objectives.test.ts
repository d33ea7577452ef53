import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measure } from '../../../src/domain/figures/metrics.ts';
import {
  areAboutQueue,
  INDICATOR_NAMES,
  judgeObjectives,
  parseObjectives,
  valueText,
} from '../../../src/domain/figures/objectives.ts';
import { statsOf } from '../../../src/domain/figures/queue-stats.ts';
import { inRepository } from '../../kit/code-of.ts';
import { rowsAfter } from '../../kit/markdown-table.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const NOTHING = measure([], { from: 0, to: 3_600_000 }).all;

function parsed(text: string) {
  const result = parseObjectives(text);
  if (result.kind === 'problem') throw new Error(result.problem);
  return result.objectives;
}

function judged(text: string, figures: Partial<typeof NOTHING> = {}) {
  const snapshot = snapshotOf([{ id: 'T-1' }, { id: 'T-2', status: 'blocked', blockedReason: 'x' }]);
  const counts = statsOf(snapshot, 0).all;
  return judgeObjectives(parsed(text), { figures: { ...NOTHING, ...figures }, counts }).map(({ met }) => met);
}

describe('objectives', () => {
  it('are a figure, a comparison and a limit in its unit', () => {
    expect(parsed('conflict-rate<40%, stalled<=1,latency-p95>1m30s,tasks-per-hour >= 2.5')).toEqual([
      { text: 'conflict-rate<40%', name: 'conflict-rate', operator: '<', limit: 0.4 },
      { text: 'stalled<=1', name: 'stalled', operator: '<=', limit: 1 },
      { text: 'latency-p95>1m30s', name: 'latency-p95', operator: '>', limit: 90_000 },
      { text: 'tasks-per-hour >= 2.5', name: 'tasks-per-hour', operator: '>=', limit: 2.5 },
    ]);
    for (const name of INDICATOR_NAMES) {
      const limit = /latency|duration/.test(name) ? '1s' : '1';
      expect(parseObjectives(`${name}<${limit}`), name).toMatchObject({ kind: 'objectives' });
    }
  });

  it.each([
    ['', /not an objective/],
    ['stalled', /not an objective/],
    ['stalled<1,', /not an objective/],
    ['stalled=1', /not an objective/],
    ['stalled<<1', /not an objective/],
    ['stalled<-1', /not an objective/],
    ['conflictrate<1', /did you mean conflict-rate\?/],
    ['constructor<1', /no figure/],
    ['stalled<10%', /not a share/],
    ['stalled<1e9', /give a number/],
    ['latency-p95<10', /no unit/],
    ['conflict-rate<10s', /give a share/],
  ])('are refused in words: %j', (text, words) => {
    const result = parseObjectives(text);
    expect(result.kind === 'problem' ? result.problem : '').toMatch(words);
  });

  it('hold up to their limit, and at it as the comparison says', () => {
    expect(
      judged('conflict-rate<40%,conflict-rate<=40%,conflict-rate>40%,conflict-rate>=40%', { conflictRate: 0.4 }),
    ).toEqual([false, true, false, true]);
    expect(judged('ready<2,ready>1,blocked<1,in-progress<1,failures<3', { failures: 3 })).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it('of a figure that there is nothing to compute from are kept below a limit, and not above one', () => {
    expect(judged('conflict-rate<1%,latency-p95<1s,conflict-rate>1%,duration-p50>1s')).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('are all in the docs, and the docs name no other', () => {
    const page = readFileSync(inRepository('docs/metrics.md'), 'utf8');
    const named = rowsAfter(page, '| figures ').flatMap(([cell = '']) => [...cell.matchAll(/`([a-z0-9-]+)`/g)]);
    expect(named.map(([, name]) => name).sort()).toEqual([...INDICATOR_NAMES].sort());
  });

  it('ask for the tasks only where one is about them', () => {
    expect(areAboutQueue(parsed('conflict-rate<1%,stalls<1,latency-p95<1s'))).toBe(false);
    expect(areAboutQueue(parsed('conflict-rate<1%,stalled<1'))).toBe(true);
  });

  it('say their value as their limit is written', () => {
    expect(valueText({ name: 'conflict-rate' }, 0.4217)).toBe('42.2%');
    expect(valueText({ name: 'latency-p95' }, 90_000)).toBe('90s');
    expect(valueText({ name: 'stalled' }, 3)).toBe('3');
    expect(valueText({ name: 'stalled' }, null)).toBe('unknown');
  });
});
