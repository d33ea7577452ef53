import { authorProblem } from '../../domain/base/names.ts';
import { noteTextProblem, toNoteText } from '../../domain/base/note-text.ts';
import { MOST_EDITED, type TaskReference } from '../../domain/intents/intent.ts';
import type { Input } from '../command/input.ts';
import { usage } from '../command/usage.ts';

/** Tasks of one command, at least one. */
export interface NamedTasks {
  readonly task: TaskReference;
  /** Absent: there are no others. */
  readonly more?: readonly TaskReference[];
}

/** The tasks that the arguments name. @throws Failure `usage` if there is none, or one is not a name */
export function tasksIn(input: Input): NamedTasks {
  const tasks = together(input.tasks('task'));
  if (tasks === undefined) throw usage('no task is named', 'name one or more, such as TASK-7');
  return tasks;
}

/** The tasks of one command; undefined if there are none. @throws Failure `usage` if there are too many */
export function together([task, ...more]: readonly TaskReference[]): NamedTasks | undefined {
  if (task === undefined) return undefined;
  if (more.length >= MOST_EDITED) throw usage(`at most ${MOST_EDITED} tasks can be named at once`);
  return { task, ...(more.length === 0 ? {} : { more }) };
}

/** Who acts, if the command line or the environment says it. */
export function authorIn(input: Input): string | undefined {
  return input.text('agent', authorProblem);
}

/** `--reason`, which the command must have, in one line. */
export function reasonIn(input: Input): string {
  const said = input.typed('reason', () => undefined);
  const reason = said === undefined ? '' : toNoteText(said);
  if (reason === '') throw usage('--reason is missing', `such as --reason 'waits for the bank'`);
  const problem = noteTextProblem(reason);
  if (problem !== undefined) throw usage(problem.replace('the note', '--reason'));
  return reason;
}
