import { hasHidden, withoutHidden } from './names.ts';

/** Longest note (characters): whoever has more to say writes a file. */
export const LONGEST_NOTE = 4000;

/** What anybody says, as the one line of text that a note is. */
export function toNoteText(said: string): string {
  return withoutHidden(said.replace(/[\u0000-\u001f\u0080-\u009f\u2028\u2029]+/g, ' ')).trim();
}

/** @returns what is wrong with the text of a note, or undefined if it is one */
export function noteTextProblem(text: string): string | undefined {
  if (text.length > LONGEST_NOTE) return `the note is ${text.length} characters long, the limit is ${LONGEST_NOTE}`;
  if (text === '') return 'the note is empty';
  return hasHidden(text) || text.trim() !== text ? 'the note is not one line of text' : undefined;
}
