import { NOTE_KEY } from '../../../domain/queue/note-key.ts';
import { withAnswer } from '../../../domain/queue/question.ts';
import type { Note, Question } from '../../../domain/queue/task.ts';
import { unquote } from './scalar.ts';
import type { Source } from './source.ts';
import { rawValue, type TreeNode } from './tree.ts';

/**
 * What follows the author in the keys of questions and answers, which share a block in the order in which they came.
 */
const [ASKED, ANSWERED] = [' asked', ' answered'];

/** The block, and its name in files that say something else by the first one: those keep what they say. */
export const NOTE_BLOCKS = ['notes', 'agent_notes'] as const;
export const QUESTION_BLOCKS = ['questions', 'agent_questions'] as const;

/**
 * The notes of a file, in its order: lines of one block, `"2026-03-01T12:00:00Z agent-1": text`. A map needs no count,
 * so that a note is one more line and changes no other. Other lines of the block are not notes.
 */
export function notesOf(source: Source, tree: readonly TreeNode[]): readonly Note[] {
  return linesIn(source, tree, NOTE_BLOCKS);
}

/** The questions of a file with their answers, in its order. An answer that follows no question is left out. */
export function questionsOf(source: Source, tree: readonly TreeNode[]): readonly Question[] {
  let questions: readonly Question[] = [];
  for (const { at, agent, text } of linesIn(source, tree, QUESTION_BLOCKS)) {
    if (agent.endsWith(ASKED)) questions = [...questions, { at, agent: agent.slice(0, -ASKED.length), text }];
    else if (agent.endsWith(ANSWERED)) {
      questions = withAnswer(questions, { at, agent: agent.slice(0, -ANSWERED.length), text });
    }
  }
  return questions;
}

/** The blocks of these names at the top of a file. */
export function blocksIn(tree: readonly TreeNode[], names: readonly string[]): readonly TreeNode[] {
  return tree.filter(({ key, kind }) => kind === 'map' && names.includes(key));
}

function linesIn(source: Source, tree: readonly TreeNode[], names: readonly string[]): readonly Note[] {
  return blocksIn(tree, names).flatMap(({ children }) =>
    children.flatMap((child) => {
      const [, at, agent] = NOTE_KEY.exec(child.key) ?? [];
      if (child.kind !== 'scalar' || at === undefined || agent === undefined) return [];
      return [{ at, agent, text: unquote(rawValue(source, child)) }];
    }),
  );
}
