import { describe, expect, it } from 'vitest';
import { inventBoard } from '../../../lab/page/invented-board.ts';
import type { BoardTask } from '../../../src/domain/dashboard/board.ts';
import { isFiltered, labelsOf, matchingTasks, NO_FILTERS } from '../../../src/page/state/filters.ts';

const TASK: BoardTask = {
  project: 'shop',
  task: 'T-1',
  title: 'Add the Über cart',
  state: 'claimed',
  isStalled: false,
  type: 'feature',
  priority: 7,
  labels: { area: 'api', urgent: true, size: null },
  batch: 'wave-1',
  requires: [],
  waitingFor: [],
  agent: 'anna',
  since: null,
  about: null,
  prUrl: null,
  failures: 0,
  stalls: 0,
};
const OTHER: BoardTask = { ...TASK, project: 'infra', task: 'T-2', title: null, agent: null, labels: {}, batch: null };

describe('filters', () => {
  it.each([
    [{ project: 'shop' }],
    [{ agent: 'anna' }],
    [{ label: 'area' }],
    [{ label: 'area=api' }],
    [{ label: 'urgent' }],
    [{ search: 'CART add' }],
    [{ search: 'über' }],
    [{ search: '  shop/t-1 ' }],
    [{ search: 'wave-1' }],
    [{ search: 'urgent anna' }],
    [{ project: 'shop', agent: 'anna', label: 'size', search: 'cart' }],
  ])('%j leaves the one task', (filters) => {
    expect(matchingTasks([TASK, OTHER], { ...NO_FILTERS, ...filters })).toEqual([TASK]);
  });

  it.each([[{ project: 'sho' }], [{ label: 'area=ui' }], [{ label: 'are' }], [{ search: 'cart nowhere' }]])(
    '%j leaves nothing',
    (filters) => {
      expect(matchingTasks([TASK, OTHER], { ...NO_FILTERS, ...filters })).toEqual([]);
    },
  );

  it('keep the order, and the very list if there are none', () => {
    const { tasks } = inventBoard(200, Date.parse('2026-03-01T12:00:00Z'));
    expect(matchingTasks(tasks, NO_FILTERS)).toBe(tasks);
    const found = matchingTasks(tasks, { ...NO_FILTERS, search: 'payments' });
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(tasks.filter((task) => found.includes(task)));
  });

  it('are none if nothing but spaces is searched for', () => {
    expect(isFiltered({ ...NO_FILTERS, search: '  ' })).toBe(false);
    expect(isFiltered({ ...NO_FILTERS, label: 'area' })).toBe(true);
  });

  it('have each label once, and none of what agentq writes there', () => {
    const added = { ...TASK, labels: { created_by: 'anna', created_at: '2026-03-01T12:00:00Z' } };
    expect(labelsOf([TASK, TASK, OTHER, added])).toEqual(['area=api', 'size', 'urgent']);
  });
});
