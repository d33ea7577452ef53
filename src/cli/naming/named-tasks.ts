import { authorProblem, projectProblem, quote, taskIdProblem } from '../../domain/base/names.ts';
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

/** The tasks that the arguments name. @throws Failure `usage` if there is none, or one is no name */
export function tasksIn(input: Input): NamedTasks {
  const tasks = namedBy(input.rest('task', () => undefined));
  if (tasks === undefined) throw usage('no task is named', 'name one or more, such as TASK-7');
  return tasks;
}

/**
 * The tasks of these names.
 * @param project of those that name none
 * @returns undefined if there are none
 */
export function namedBy(names: readonly string[], project?: string): NamedTasks | undefined {
  const [task, ...more] = names.map((name) => referenceOf(name, project));
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

function referenceOf(name: string, project: string | undefined): TaskReference {
  const parts = name.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) throw usage(`${quote(name)} is neither TASK-ID nor project/TASK-ID`);
  const wrong = (second === undefined ? undefined : projectProblem(first)) ?? taskIdProblem(second ?? first);
  if (wrong !== undefined) throw usage(wrong);
  if (second === undefined) return project === undefined ? { id: first } : { project, id: first };
  if (project !== undefined && project !== first) {
    throw usage(`${quote(name)} is not in the project given beside it, ${quote(project)}`);
  }
  return { project: first, id: second };
}
