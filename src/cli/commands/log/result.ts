import type { Place } from '../../command/answers.ts';
import type { EventView } from '../../command/event-view.ts';

export interface LogResult extends Place {
  readonly tip: string;
  /** `project/TASK-ID`; null for the queue. */
  readonly task: string | null;
  /** Newest last. */
  readonly events: readonly EventView[];
}
