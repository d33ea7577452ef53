import { quote } from '../../../domain/base/names.ts';
import { closest } from '../../../domain/base/suggest.ts';
import type { TaskEvent, TaskEventKind } from '../../../domain/past/task-event.ts';
import { usage } from '../../command/usage.ts';

/** Every kind, so that a new one is not forgotten here. */
const KINDS: Readonly<Record<TaskEventKind, true>> = {
  'task.added': true,
  'task.claimed': true,
  'task.renewed': true,
  'task.review': true,
  'task.released': true,
  'task.stalled': true,
  'task.completed': true,
  'task.unblocked': true,
  'task.blocked': true,
  'task.cancelled': true,
  'task.reopened': true,
  'task.updated': true,
  'task.noted': true,
  'task.taken': true,
  'task.asked': true,
  'task.answered': true,
  'task.removed': true,
  'queue.paused': true,
  'queue.resumed': true,
};

/** Words for events that have another name, or none of their own. */
const OTHER_WORDS: Readonly<Record<string, (event: TaskEvent) => boolean>> = {
  asking: ({ kind }) => kind === 'task.asked',
  failed: ({ kind, failures }) => kind === 'task.released' && failures !== undefined,
  all: ({ kind }) => kind !== 'task.renewed',
};

const WORDS: ReadonlyMap<string, (event: TaskEvent) => boolean> = new Map([
  ...Object.keys(KINDS).map(
    (name) => [name.slice(name.indexOf('.') + 1), ({ kind }: TaskEvent) => kind === name] as const,
  ),
  ...Object.entries(OTHER_WORDS),
]);

/**
 * The events that `--on completed,failed` selects: kinds without `task.`, `asking`, `failed` (given back after a
 * command failed) and `all` (except heartbeats).
 * @throws Failure `usage` for other words
 */
export function wantedEvents(texts: readonly string[]): (event: TaskEvent) => boolean {
  const words = texts.flatMap((text) => text.split(',')).map((word) => word.trim().replace(/^task\./, ''));
  const tests = words
    .filter((word) => word !== '')
    .map((word) => {
      const test = WORDS.get(word);
      if (test !== undefined) return test;
      const meant = closest(word, [...WORDS.keys()]);
      throw usage(
        `--on ${quote(word)} is not an event`,
        meant === undefined ? `events are ${[...WORDS.keys()].join(', ')}` : `did you mean ${meant}?`,
      );
    });
  if (tests.length === 0) throw usage('--on names no event', 'such as --on completed,failed');
  return (event) => tests.some((test) => test(event));
}
