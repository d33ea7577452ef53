import type { PromptResult } from './result.ts';

/** The prompt; what a terminal or an agent would not show is already escaped. */
export function render({ prompt }: PromptResult): string {
  return prompt;
}
