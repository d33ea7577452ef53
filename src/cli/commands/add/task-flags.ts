import { given } from '../../../domain/base/given.ts';
import { withLineFeeds } from '../../../domain/base/line-feeds.ts';
import { hasHidden, quote } from '../../../domain/base/names.ts';
import { parseDependencyEntries } from '../../../domain/queue/dependency-entry.ts';
import { NEW_STATUSES, type NewTask, newTaskProblem } from '../../../domain/queue/new-task.ts';
import { sortNeeds } from '../../../domain/rules/needs.ts';
import { LONGEST_CHECK } from '../../../store/codec/task-schema.ts';
import { inTwo } from '../../../store/input/flat-task.ts';
import { readBackProblem } from '../../../store/input/read-back.ts';
import { readCapabilities } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';

/** Flags that describe one task. */
export const TASK_FLAGS = [
  'title',
  'id',
  'type',
  'priority',
  'status',
  'summary',
  'details',
  'description',
  'description-file',
  'requires',
  'blocks',
  'criterion',
  'label',
  'verify',
  'touches',
  'needs',
] as const;

/** Flags that have another name in the rules for tasks. */
const FLAG_OF: Readonly<Record<string, string>> = { acceptance_criteria: 'criterion', labels: 'label' };

const PRIORITY_LIMIT = 1_000_000_000;

/**
 * The task that the flags describe, checked by the same rules as a task from a file.
 * @param description of `--description` or of the file that `--description-file` names
 */
export function readTaskFlags(input: Input, description?: string): NewTask {
  const text = (flag: string): string | undefined => input.typed(flag, () => undefined)?.trim();
  // A text that may have several lines is not trimmed: its indentation matters.
  const lines = (flag: string): string | undefined => {
    const given = input.typed(flag, () => undefined);
    return given === undefined || given.trim() === '' ? undefined : withLineFeeds(given);
  };
  const title = text('title');
  if (title === undefined) throw usage('--title is missing', 'a task needs one; to add many, use --file or stdin');
  const [id, type] = [text('id'), text('type')];
  const { summary, details } = describedByFlags(
    lines('summary'),
    lines('details'),
    description ?? lines('description'),
  );
  const priority = input.integer('priority', -PRIORITY_LIMIT, PRIORITY_LIMIT);
  const status = input.word('status', NEW_STATUSES);
  const [verify, touches] = [checksFrom(input), input.list('touches')];
  // As in plans: what looks like the id of a task is one.
  const { required: needed, words: needs } = sortNeeds(readCapabilities(input, 'needs'), '', id ?? '');
  const task: NewTask = {
    title,
    ...given({ id, type, priority, status, summary, details }),
    criteria: input.list('criterion').map(withLineFeeds),
    required: [...input.list('requires'), ...needed],
    blocks: input.list('blocks'),
    labels: input.pairs('label'),
    rest: {
      ...(verify.length === 0 ? {} : { verify }),
      ...(touches.length + needs.length === 0 ? {} : { task: withoutEmptyLists({ touches, needs }) }),
    },
  };
  const wrong = newTaskProblem(task);
  if (wrong) throw usage(`--${FLAG_OF[wrong.field] ?? wrong.field} ${wrong.problem}`);
  for (const flag of ['requires', 'blocks'] as const) {
    for (const given of flag === 'requires' ? task.required : task.blocks) {
      const [entry, second] = parseDependencyEntries(given, 1, '');
      if (entry?.id === undefined || (second === undefined && /\s/.test(given) && !given.includes('('))) {
        throw usage(`--${flag} must be a task id, not ${quote(given)}`, `give --${flag} once for each`);
      }
    }
  }
  const unread = readBackProblem(task);
  if (unread !== undefined) throw usage(`--${FLAG_OF[unread] ?? unread} would not be read back as it is given`);
  return task;
}

function withoutEmptyLists(lists: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

/** Each command must be one line: the worker's log and the commit of a failed check name it. */
function checksFrom(input: Input): readonly string[] {
  const checks = input.list('verify');
  for (const check of checks) {
    if (check.length > LONGEST_CHECK || hasHidden(check)) {
      throw usage(
        `--verify must be one line of at most ${LONGEST_CHECK} characters, not ${quote(check)}`,
        'put a longer check into a script, and name that',
      );
    }
  }
  return checks;
}

/** The first line of a description is the summary, unless that is given. */
function describedByFlags(
  summary: string | undefined,
  details: string | undefined,
  description: string | undefined,
): { readonly summary: string | undefined; readonly details: string | undefined } {
  if (description === undefined) return { summary, details };
  if (summary !== undefined && details !== undefined) {
    throw usage('--description is given besides --summary and --details', 'give two of them');
  }
  if (summary !== undefined) return { summary, details: description };
  if (details !== undefined) return { summary: description, details };
  const two = inTwo(description);
  return { summary: two.summary, details: two.details };
}
