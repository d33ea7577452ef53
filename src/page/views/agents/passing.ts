import type { BoardAgent } from '../../../domain/dashboard/board.ts';
import type { Filters } from '../../state/filters.ts';

/** Whether a task is one that is looked for. */
export type TaskTest = (name: string) => boolean;

/**
 * Tells the tasks of the project and with the label that are filtered by.
 * @param labelled the tasks with the label; null: none is filtered by
 * @returns undefined if nothing is filtered by
 */
export function taskTest(
  { project }: Pick<Filters, 'project'>,
  labelled: ReadonlySet<string> | null,
): TaskTest | undefined {
  if (project === null && labelled === null) return undefined;
  return (name) => (project === null || name.startsWith(`${project}/`)) && (labelled === null || labelled.has(name));
}

/** The agents that are shown: those that have such a task, or had one in the window. */
export function passingAgents(
  agents: readonly BoardAgent[],
  { agent, search }: Pick<Filters, 'agent' | 'search'>,
  passes: TaskTest | undefined,
): readonly BoardAgent[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return agents.filter(
    (one) =>
      (agent === null || one.agent === agent) &&
      (passes === undefined ||
        (one.task !== null && passes(one.task)) ||
        one.spans.some((span) => passes(span.task))) &&
      words.every((word) => `${one.agent}\n${one.task ?? ''}\n${one.title ?? ''}`.toLowerCase().includes(word)),
  );
}
