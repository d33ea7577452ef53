import { hasHidden, withoutHidden } from './names.ts';

/** Longest note (characters): whoever has more to say writes a file. */
export const LONGEST_NOTE = 4000;

/** What anybody says, as the one line of text that a note is. */
export function toNoteText(said: string): string {
  return withoutHidden(said.replace(/[\u0000-\u001f\u0080-\u009f\u2028\u2029]+/g, ' ')).trim();
}

/**
 * @param what how messages call the text
 * @returns what is wrong with the text of a note, a question or an answer, or undefined if it is one
 */
export function noteTextProblem(text: string, what: 'note' | 'question' | 'answer' = 'note'): string | undefined {
  if (text.length > LONGEST_NOTE) return `the ${what} is ${text.length} characters long, the limit is ${LONGEST_NOTE}`;
  if (text === '') return `the ${what} is empty`;
  return hasHidden(text) || text.trim() !== text ? `the ${what} is not one line of text` : undefined;
}
