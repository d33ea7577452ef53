import type { EventView } from '../../../domain/past/event-view.ts';
import type { Place } from '../../command/answers.ts';

export interface LogResult extends Place {
  readonly tip: string;
  /** Of each branch, if projects live on several; `tip` is that of the main one. */
  readonly tips?: Readonly<Record<string, string>>;
  /** `project/TASK-ID`; null for the queue. */
  readonly task: string | null;
  /** Newest last. */
  readonly events: readonly EventView[];
}
