import { expect, it } from 'vitest';
import { childOf, hasArchives, isParent, LAYOUT_TREE, type LayoutNode } from '../../../src/domain/queue/layout-tree.ts';
import { LAYOUT_FOLDERS, LAYOUT_NAMES } from '../../../src/domain/queue/layouts.ts';

/** The node of a folder, the root itself without parts. */
function at(...parts: readonly string[]): LayoutNode | undefined {
  return parts.reduce<LayoutNode | undefined>((node, part) => node && childOf(node, part), LAYOUT_TREE);
}

it.each(LAYOUT_FOLDERS)('has the folder $parts, of one state in all layouts', ({ layout, state, parts }) => {
  const holds = at(...parts)?.holds;
  expect(holds?.state).toBe(state);
  expect(holds?.layouts).toContain(layout);
});

it('has something of every layout, and nothing else', () => {
  expect([...LAYOUT_TREE.layouts].sort()).toEqual([...LAYOUT_NAMES].sort());
  expect(at('src')).toBeUndefined();
  expect(at('.agents', 'auth', 'other')).toBeUndefined();
});

it('takes no folder of a layout for a project', () => {
  expect(at('.agents', 'auth')).toBe(LAYOUT_TREE.named.get('.agents')?.project);
  for (const name of ['projects', 'tasks', 'claimed', 'completed']) {
    expect(at('.agents', name)).not.toBe(at('.agents', 'auth'));
  }
});

it('knows which layouts share a folder, the first of the table first', () => {
  expect(at('.agents', 'projects', 'auth', 'tasks')?.holds?.layouts).toEqual(['projects', 'split']);
});

it('has archives in folders of completed tasks where projects are not', () => {
  const archives = (...parts: readonly string[]): boolean => hasArchives(at(...parts) ?? LAYOUT_TREE);
  expect(archives('.agents', 'auth', 'completed')).toBe(true);
  expect(archives('.agents', 'completed', 'auth')).toBe(true);
  expect(archives('.agents', 'completed')).toBe(false);
  expect(archives('.agents', 'auth', 'tasks')).toBe(false);
  expect(isParent(at('.agents', 'completed') ?? LAYOUT_TREE)).toBe(true);
});
