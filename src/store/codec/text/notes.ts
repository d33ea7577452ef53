import type { Note } from '../../../domain/queue/task.ts';
import { unquote } from './scalar.ts';
import type { Source } from './source.ts';
import { rawValue, type TreeNode } from './tree.ts';

/**
 * Notes are lines of one block, `"2026-03-01T12:00:00Z agent-1": text`. A map needs no count, so that a note is one
 * more line and changes no other. `#2` after the author keeps the keys of one second apart.
 */
const KEY = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([^#]*[^# ])(?: #\d+)?$/;

/** The block, and its name in files that say something else by `notes`: those keep what they say. */
export const NOTE_BLOCKS = ['notes', 'agent_notes'] as const;

/** The notes of a file, in its order. Other lines of the block are no notes. */
export function notesOf(source: Source, tree: readonly TreeNode[]): readonly Note[] {
  return noteBlocksIn(tree).flatMap(({ children }) =>
    children.flatMap((child) => {
      const [, at, agent] = KEY.exec(child.key) ?? [];
      if (child.kind !== 'scalar' || at === undefined || agent === undefined) return [];
      return [{ at, agent, text: unquote(rawValue(source, child)) }];
    }),
  );
}

/** The blocks of notes at the top of a file. */
export function noteBlocksIn(tree: readonly TreeNode[]): readonly TreeNode[] {
  return tree.filter(({ key, kind }) => kind === 'map' && NOTE_BLOCKS.some((name) => name === key));
}
