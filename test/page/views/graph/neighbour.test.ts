import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../../../../src/page/views/graph/model.ts';
import { neighbourOf } from '../../../../src/page/views/graph/neighbour.ts';

function node(name: string, requires: readonly string[] = []): GraphNode {
  const rest = { project: 'a', task: name, title: null, isStalled: false, priority: null, agent: null } as const;
  return { ...rest, name, state: 'ready', requires };
}

/** Two columns: 1 and 2 at the left, 3, 4 and 5 at the right. */
const nodes = [node('1'), node('2'), node('3', ['1']), node('4', ['1', '2']), node('5', ['2'])];
const places = new Map(
  [
    { name: '1', x: 0, y: 10 },
    { name: '2', x: 0, y: 50 },
    { name: '3', x: 100, y: 0 },
    { name: '4', x: 100, y: 45 },
    { name: '5', x: 100, y: 60 },
  ].map((place) => [place.name, place]),
);

describe('arrow keys in the graph', () => {
  it('lead along the links, to what is at the same height first', () => {
    expect(neighbourOf('1', 'ArrowRight', nodes, places)).toBe('3');
    expect(neighbourOf('2', 'ArrowRight', nodes, places)).toBe('4');
    expect(neighbourOf('4', 'ArrowLeft', nodes, places)).toBe('2');
    expect(neighbourOf('5', 'ArrowRight', nodes, places)).toBeUndefined();
    expect(neighbourOf('1', 'ArrowLeft', nodes, places)).toBeUndefined();
  });

  it('lead up and down a column', () => {
    expect(neighbourOf('3', 'ArrowDown', nodes, places)).toBe('4');
    expect(neighbourOf('4', 'ArrowDown', nodes, places)).toBe('5');
    expect(neighbourOf('2', 'ArrowUp', nodes, places)).toBe('1');
    expect(neighbourOf('3', 'ArrowUp', nodes, places)).toBeUndefined();
  });

  it('lead nowhere from what is not there, and other keys nowhere at all', () => {
    expect(neighbourOf('9', 'ArrowUp', nodes, places)).toBeUndefined();
    expect(neighbourOf('1', 'Enter', nodes, places)).toBeUndefined();
  });
});
