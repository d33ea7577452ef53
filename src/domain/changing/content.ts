import type { DependencyEntry, Task } from '../queue/task.ts';
import { descriptionOf } from '../rules/task-view.ts';

/** What a task says, for comparing: a hash of each of its parts, by the part's name. Absent: it says nothing. */
export type Content = Readonly<Record<string, string>>;

/**
 * Every part of a task that its owner must know about. Its state is not among them, nor are notes that the owner has
 * written.
 */
export function contentOf(task: Task): Content {
  const texts = (entries: readonly DependencyEntry[] | undefined): readonly string[] | undefined =>
    entries?.map(({ text }) => text);
  const notes = task.notes?.filter(({ agent }) => agent !== task.claim?.claimedBy);
  const parts: Readonly<Record<string, unknown>> = {
    title: task.title,
    description: descriptionOf(task),
    criteria: task.acceptanceCriteria,
    checks: task.verify,
    type: task.type,
    priority: task.priority,
    requires: texts(task.required),
    blocks: texts(task.blocks),
    needs: texts(task.needs),
    touches: task.touches,
    labels: task.labels,
    batch: task.batch,
    notes: notes?.length === 0 ? undefined : notes,
    questions: task.questions,
  };
  const said = Object.entries(parts).filter(([, part]) => part !== undefined && part !== null);
  return Object.fromEntries(said.map(([name, part]) => [name, signOf(JSON.stringify(part))]));
}

/** The names of the parts that have changed, in the order of the task. */
export function changedIn(before: Content, after: Content): readonly string[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((name) => before[name] !== after[name]);
}

/** A hash of 64 bits (FNV-1a with two seeds): two texts of one task hardly ever share one by chance. */
function signOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
  }
  return [a, b].map((half) => (half >>> 0).toString(36)).join('.');
}
