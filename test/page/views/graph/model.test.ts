import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoardTask } from '../../../../src/domain/dashboard/board.ts';
import { BOX, islandsOf, layoutIsland, type Place, stacked } from '../../../../src/page/views/graph/layout.ts';
import { graphModel, relativesOf } from '../../../../src/page/views/graph/model.ts';

function task(name: string, requires: readonly string[] = [], changes: Partial<BoardTask> = {}): BoardTask {
  const [project = '', id = ''] = name.split('/');
  return {
    project,
    task: id,
    title: name,
    state: 'ready',
    isStalled: false,
    type: null,
    priority: 5,
    labels: {},
    batch: null,
    requires,
    waitingFor: [],
    agent: null,
    since: null,
    about: null,
    prUrl: null,
    failures: 0,
    stalls: 0,
    ...changes,
  };
}

const OPEN = { project: undefined, withCompleted: false, most: 500 };
const names = (nodes: readonly { readonly name: string }[]): string[] => nodes.map(({ name }) => name);

describe('the graph of a board', () => {
  const done = task('a/T-0', [], { state: 'completed' });
  const board = [task('a/T-1', ['a/T-0']), task('a/T-2', ['a/T-1', 'b/T-9']), task('b/T-9'), task('b/T-3'), done];

  it('links open tasks, and names the longest way through them', () => {
    const graph = graphModel(board, OPEN);
    expect(names(graph.linked)).toEqual(['a/T-1', 'a/T-2', 'b/T-9']);
    expect(names(graph.alone)).toEqual(['b/T-3']);
    expect(graph.criticalPath).toEqual(['a/T-1', 'a/T-2']);
  });

  it('shows what a project requires of others', () => {
    expect(names(graphModel(board, { ...OPEN, project: 'a' }).linked)).toEqual(['a/T-1', 'a/T-2', 'b/T-9']);
    expect(names(graphModel(board, { ...OPEN, project: 'b' }).alone)).toEqual(['b/T-9', 'b/T-3']);
  });

  it('shows what is completed only if that is wanted', () => {
    expect(names(graphModel(board, { ...OPEN, withCompleted: true }).linked)).toContain('a/T-0');
  });

  it('shows a task that is missing, and a cancelled one that an open one waits for', () => {
    const { linked } = graphModel([task('a/T-1', ['a/T-7', 'a/T-8']), task('a/T-8', [], { state: 'cancelled' })], OPEN);
    expect(linked.map(({ name, state }) => [name, state])).toEqual([
      ['a/T-1', 'ready'],
      ['a/T-7', 'unknown'],
      ['a/T-8', 'cancelled'],
    ]);
  });

  it('names tasks that wait for each other, which are on no critical path', () => {
    const graph = graphModel([task('a/T-1', ['a/T-2']), task('a/T-2', ['a/T-1']), task('a/T-3')], OPEN);
    expect(graph.cycles).toEqual([['a/T-1', 'a/T-2']]);
    expect(graph.criticalPath).toEqual(['a/T-3']);
  });

  it('keeps the critical path if there are too many', () => {
    const chain = ['a/T-5', 'a/T-6', 'a/T-7'].map((name, at) => task(name, at === 0 ? [] : [`a/T-${4 + at}`]));
    const pairs = [1, 2, 3].flatMap((number) => [task(`b/P-${number}`), task(`b/Q-${number}`, [`b/P-${number}`])]);
    const graph = graphModel([...pairs, ...chain], { ...OPEN, most: 5 });
    expect(names(graph.linked)).toEqual(['b/P-1', 'b/Q-1', 'a/T-5', 'a/T-6', 'a/T-7']);
    expect(graph.left).toBe(4);
  });

  it('knows all that a task depends on and that depends on it', () => {
    const { linked } = graphModel(
      [task('a/1'), task('a/2', ['a/1']), task('a/3', ['a/2']), task('a/4', ['a/1'])],
      OPEN,
    );
    expect([...relativesOf(linked, 'a/2')].sort()).toEqual(['a/1', 'a/3']);
    expect([...relativesOf(linked, 'a/1')].sort()).toEqual(['a/2', 'a/3', 'a/4']);
  });
});

/** Whether two boxes cover each other. */
function isOn(one: Place, other: Place): boolean {
  return Math.abs(one.x - other.x) < BOX.width && Math.abs(one.y - other.y) < BOX.height;
}

describe('the layout', () => {
  const links = fc.array(fc.tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 14 })), { maxLength: 25 });

  it('gives every task a place of its own, and every link a line, whatever the links are', () => {
    fc.assert(
      fc.property(links, (pairs) => {
        const tasks = Array.from({ length: 15 }, (_, at) => {
          return task(
            `a/T-${at}`,
            pairs.flatMap(([from, to]) => (from === at ? [`a/T-${to}`] : [])),
          );
        });
        const { linked, criticalPath } = graphModel(tasks, OPEN);
        const { places, arrows, width, height } = stacked(
          islandsOf(linked, criticalPath).map((island) => layoutIsland(island, criticalPath)),
        );
        expect([...places.keys()].sort()).toEqual(names(linked).sort());
        const boxes = [...places.values()];
        const covering = boxes.filter((one, at) => boxes.slice(at + 1).some((other) => isOn(one, other)));
        expect(covering).toEqual([]);
        const wanted = linked.flatMap(({ name, requires }) =>
          requires.filter((one) => one !== name).map((one) => `${one} ${name}`),
        );
        expect(arrows.map(({ from, to }) => `${from} ${to}`).sort()).toEqual(wanted.sort());
        for (const { x, y } of places.values()) {
          expect(x >= 0 && y >= 0 && x <= width && y <= height).toBe(true);
        }
        for (const { line } of arrows) expect(line).not.toMatch(/NaN|undefined/);
      }),
      { numRuns: 60 },
    );
  });
});
