import type { PromptResult } from './result.ts';

/** The prompt; what a terminal, or an agent, would not see of it is escaped already. */
export function render({ prompt }: PromptResult): string {
  return prompt;
}
