import type { TaskEntry } from '../queue/snapshot.ts';
import type { Task } from '../queue/task.ts';

/** The words of a search, as {@link saysAll} compares them. */
export function wordsOf(text: string): readonly string[] {
  return folded(text)
    .split(/\s+/)
    .filter((word) => word !== '');
}

/**
 * Whether id, title, description, notes, questions and answers of the task have all these words, in any case and as parts of longer words.
 * Of a task whose file cannot be read, only the id is known.
 * @param words as {@link wordsOf} gives them
 */
export function saysAll({ key, reading }: Pick<TaskEntry, 'key' | 'reading'>, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = folded([key.id, ...(reading.kind === 'read' ? textsOf(reading.task) : [])].join('\n'));
  return words.every((word) => text.includes(word));
}

function textsOf({ title, summary, details, notes = [], questions = [] }: Task): readonly string[] {
  const said = [...notes, ...questions.flatMap(({ answer, ...question }) => [question, answer])];
  return [title, summary, details, ...said.map((note) => note?.text)].filter((text) => text !== undefined);
}

/** Without case, and with one form for each character that looks the same. */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
