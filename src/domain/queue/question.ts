import type { Note, Question, Task } from './task.ts';

/** The `task.status` of a task that waits for an answer. Older scripts and versions offer no task with such a status. */
export const ASKING = 'asking';

/** The question that a task of the ready folder waits for the answer to; undefined: it asks nothing. */
export function openQuestion({ status, questions }: Task): Question | undefined {
  const last = status === ASKING ? questions?.at(-1) : undefined;
  return last?.answer === undefined ? last : undefined;
}

/** The questions with an answer to the last one. An answer to nothing is left out. */
export function withAnswer(questions: readonly Question[], answer: Note): readonly Question[] {
  const last = questions.at(-1);
  return last === undefined || last.answer !== undefined ? questions : [...questions.slice(0, -1), { ...last, answer }];
}
