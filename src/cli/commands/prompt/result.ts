import type { PromptValues } from '../../../domain/prompt/template.ts';
import type { Place } from '../../command/answers.ts';

export interface PromptResult extends Place {
  readonly project: string;
  readonly task: string;
  /** null: nobody has said who works, and nobody holds the task. */
  readonly agent: string | null;
  readonly prompt: string;
  /** What a template may name; `""`: the task has none. */
  readonly fields: PromptValues;
}
