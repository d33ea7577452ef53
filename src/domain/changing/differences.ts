import type { Task } from '../queue/task.ts';

/** What whoever works on a task must know of it, by the words for it. */
const FIELDS: Readonly<Record<string, (task: Task, reader: string) => unknown>> = {
  title: ({ title }) => title,
  description: ({ summary, details }) => [summary, details],
  criteria: ({ acceptanceCriteria }) => acceptanceCriteria,
  checks: ({ verify }) => verify,
  type: ({ type }) => type,
  priority: ({ priority }) => priority,
  requirements: ({ required }) => required.map(({ text }) => text),
  touches: ({ touches }) => touches,
  needs: ({ needs }) => needs?.map(({ text }) => text),
  labels: ({ labels }) => Object.entries(labels).sort(),
  batch: ({ batch }) => batch,
  // One's own notes are no news.
  notes: ({ notes = [] }, reader) => notes.filter(({ agent }) => agent !== reader),
  answers: ({ questions }) => questions,
};

/** Names of what the task says otherwise than before, for an agent that works on it. */
export function differences(before: Task, after: Task, reader: string): readonly string[] {
  return Object.entries(FIELDS)
    .filter(([, field]) => JSON.stringify(field(before, reader)) !== JSON.stringify(field(after, reader)))
    .map(([name]) => name);
}
