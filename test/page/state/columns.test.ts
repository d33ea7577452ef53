import { describe, expect, it } from 'vitest';
import { inventBoard } from '../../../lab/page/invented-board.ts';
import type { BoardCounts } from '../../../src/domain/dashboard/board.ts';
import { COLUMNS, columnsOf, firstWithTasks, nothingToClaim, progressOf } from '../../../src/page/state/columns.ts';

const { tasks, all } = inventBoard(400, Date.parse('2026-03-01T12:00:00Z'));
const NONE: BoardCounts = Object.assign({}, ...Object.keys(all).map((name): Partial<BoardCounts> => ({ [name]: 0 })));

describe('columns', () => {
  it('have every task once, as the counts say', () => {
    const columns = columnsOf(tasks);
    expect(COLUMNS.flatMap((state) => columns[state]).length).toBe(tasks.length);
    expect(columns.ready.length).toBe(all.ready);
    expect(columns.claimed.length).toBe(all.inProgress);
  });

  it('have what stalled in front, and keep the order otherwise', () => {
    const { claimed, ready } = columnsOf(tasks);
    const stalled = claimed.filter(({ isStalled }) => isStalled);
    expect(stalled.length).toBeGreaterThan(0);
    expect(claimed.slice(0, stalled.length)).toEqual(stalled);
    expect(ready).toEqual(tasks.filter(({ state }) => state === 'ready'));
  });
});

describe('the column that a phone opens', () => {
  it('is the first that has tasks', () => {
    const left = tasks.filter(({ state }) => state === 'review' || state === 'completed');
    expect(firstWithTasks(columnsOf(tasks), COLUMNS)).toBe('ready');
    expect(firstWithTasks(columnsOf(left), COLUMNS)).toBe('review');
    expect(firstWithTasks(columnsOf([]), COLUMNS)).toBe('ready');
  });

  it('is none that is not shown', () => {
    const cancelled = tasks.filter(({ state }) => state === 'cancelled');
    expect(cancelled).not.toEqual([]);
    expect(firstWithTasks(columnsOf(cancelled), COLUMNS.slice(0, -1))).toBe('ready');
  });
});

describe('the bar of progress', () => {
  it('is all that is not cancelled', () => {
    const sum = (counts: BoardCounts): number => progressOf(counts).reduce((total, { count }) => total + count, 0);
    expect(sum(all)).toBe(all.total - all.cancelled);
    // Due, unreadable and conflicting ones have no part of their own.
    expect(sum({ ...NONE, total: 9, due: 1, unreadable: 2, conflicting: 1, ready: 3, held: 2 })).toBe(9);
  });
});

describe('why nothing can be claimed', () => {
  it.each([
    [{}, 'Nothing to claim: there are no tasks yet.'],
    [{ total: 3, completed: 2, cancelled: 1 }, 'Nothing to claim: everything is done.'],
    [{ total: 3, waiting: 1, asking: 2 }, 'Nothing to claim: 1 waits for other tasks, 2 ask a person.'],
    [
      { total: 3, held: 1, blocked: 1, review: 1 },
      'Nothing to claim: 1 held back for a batch, 1 blocked, 1 in progress.',
    ],
    [{ total: 3, ready: 1 }, undefined],
  ])('of %j is said', (counts, words) => {
    expect(nothingToClaim({ ...NONE, ...counts }, false)).toBe(words);
  });

  it('may be a pause', () => {
    expect(nothingToClaim({ ...NONE, total: 3, ready: 1 }, true)).toBe('Nothing to claim: the queue is paused.');
  });
});
