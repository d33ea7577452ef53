import { NOTE_KEY } from '../../../domain/queue/note-key.ts';
import type { Note } from '../../../domain/queue/task.ts';
import { unquote } from './scalar.ts';
import type { Source } from './source.ts';
import { rawValue, type TreeNode } from './tree.ts';

/** The block, and its name in files that say something else by `notes`: those keep what they say. */
export const NOTE_BLOCKS = ['notes', 'agent_notes'] as const;

/**
 * The notes of a file, in its order: lines of one block, `"2026-03-01T12:00:00Z agent-1": text`. A map needs no count,
 * so that a note is one more line and changes no other. Other lines of the block are no notes.
 */
export function notesOf(source: Source, tree: readonly TreeNode[]): readonly Note[] {
  return noteBlocksIn(tree).flatMap(({ children }) =>
    children.flatMap((child) => {
      const [, at, agent] = NOTE_KEY.exec(child.key) ?? [];
      if (child.kind !== 'scalar' || at === undefined || agent === undefined) return [];
      return [{ at, agent, text: unquote(rawValue(source, child)) }];
    }),
  );
}

/** The blocks of notes at the top of a file. */
export function noteBlocksIn(tree: readonly TreeNode[]): readonly TreeNode[] {
  return tree.filter(({ key, kind }) => kind === 'map' && NOTE_BLOCKS.some((name) => name === key));
}
