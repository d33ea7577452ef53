import { expect, it } from 'vitest';
import { inventBoard } from '../../../lab/page/invented-board.ts';
import type { BoardTask } from '../../../src/domain/dashboard/board.ts';
import { attentionOf } from '../../../src/page/state/attention.ts';

const { tasks } = inventBoard(400, Date.parse('2026-03-01T12:00:00Z'));
const PAUSES = ['shop', null].map((project) => ({ project, at: '2026-03-01T12:00:00Z', by: 'anna', reason: 'moving' }));

it('lists each task that needs somebody once, pauses and questions first', () => {
  const found = attentionOf(tasks, PAUSES, null);
  const kinds = found.map(({ kind }) => kind);
  expect(kinds.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))).toEqual(kinds);
  const named = found.flatMap((item) => (item.kind === 'paused' ? [] : [item.task]));
  expect(new Set(named).size).toBe(named.length);
  const wanted = ({ state, isStalled, failures }: BoardTask): boolean =>
    state === 'asking' ||
    state === 'blocked' ||
    isStalled ||
    (failures > 1 && state !== 'completed' && state !== 'cancelled');
  expect(new Set(named)).toEqual(new Set(tasks.filter(wanted)));
  expect(named.length).toBeGreaterThan(5);
});

it('leaves out the pauses of other projects, but not that of the whole queue', () => {
  const projects = (project: string | null): unknown[] =>
    attentionOf([], PAUSES, project).map((item) => item.kind === 'paused' && item.pause.project);
  expect(projects(null)).toEqual(['shop', null]);
  expect(projects('shop')).toEqual(['shop', null]);
  expect(projects('infra')).toEqual([null]);
});

const ORDER: readonly string[] = ['paused', 'asking', 'stalled', 'blocked', 'failing'];
