import type { ExportedTask } from '../../../domain/moving/exported-task.ts';
import type { Place } from '../../command/answers.ts';

export interface ExportResult extends Place {
  readonly tip: string;
  /** Where each branch was when it was read; absent: there is one. */
  readonly tips?: Readonly<Record<string, string>>;
  /** By project, then in natural order. */
  readonly tasks: readonly ExportedTask[];
  /** The export in the format that was asked for. */
  readonly presentation: { readonly text: string };
}
