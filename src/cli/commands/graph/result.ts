import type { GraphTask } from '../../../domain/graph/task-graph.ts';
import type { Place } from '../../command/answers.ts';

/** A task of the graph, as the document names it. */
export interface TaskNode extends Omit<GraphTask, 'name' | 'id'> {
  readonly task: string;
  readonly isCritical: boolean;
}

export interface GraphResult extends Place {
  readonly tip: string;
  /** By branch, if projects live on several. */
  readonly tips?: Readonly<Record<string, string>>;
  /** In natural order. `requires` has names as `project/TASK-ID`, of tasks that are in the graph. */
  readonly tasks: readonly TaskNode[];
  /** `project/TASK-ID`, what is to be done first in front. */
  readonly criticalPath: readonly string[];
  /** Tasks that wait for each other. */
  readonly cycles: readonly (readonly string[])[];
  /** The answer in another format; never part of the JSON document. */
  readonly presentation: { readonly text: string | undefined };
}
