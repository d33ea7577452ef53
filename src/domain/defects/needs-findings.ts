import type { Finding } from '../base/finding.ts';
import { closest } from '../base/suggest.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import type { DependencyEntry } from '../queue/task.ts';

/** Most ids that a word is compared with: those of all of 100,000 tasks would take a second. */
const MOST_COMPARED = 2_000;

/**
 * Words of `needs` of which it is not certain what their author meant: those that are the id of a task, and those that
 * are almost one.
 *
 * @param tasks those of one project, as every place they are in
 */
export function needsFindings(state: QueueState, tasks: readonly (readonly TaskEntry[])[]): Finding[] {
  let ids: readonly string[] | undefined;
  return tasks.flat().flatMap((entry): Finding[] => {
    const needs = entry.reading.kind === 'read' && entry.state !== 'completed' ? entry.reading.task.needs : undefined;
    if (needs === undefined) return [];
    ids ??= tasks.slice(0, MOST_COMPARED).flatMap(([one]) => one?.key.id ?? []);
    const capabilities = new Set(state.capabilities(entry));
    const known = ids;
    return needs.flatMap((need) => {
      const word = need.id ?? '';
      if (!capabilities.has(word)) return [doubtful(entry, need, 'dependency', `${word} is a task of this project`)];
      const similar = closest(word, known);
      return similar === undefined ? [] : [doubtful(entry, need, 'capability', `there is no task ${word}`, similar)];
    });
  });
}

function doubtful(
  { path }: TaskEntry,
  { text, line }: DependencyEntry,
  what: 'dependency' | 'capability',
  since: string,
  similar?: string,
): Finding {
  return {
    code: 'doubtful-need',
    severity: 'note',
    message: `needs ${JSON.stringify(text.slice(0, 60))} is read as a ${what}: ${since}`,
    hint:
      what === 'dependency'
        ? 'write it in dependencies.required; for a capability, choose a word that is no id'
        : `if the task ${similar ?? ''} is meant, write that`,
    file: path,
    line,
  };
}
