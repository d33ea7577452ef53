import type { Situation, TaskFacts } from '../../../domain/prompt/facts.ts';
import { expandPrompt, type PromptValues } from '../../../domain/prompt/template.ts';
import { promptValues } from '../../../domain/prompt/values.ts';
import { sanitizeText } from '../../output/sanitize.ts';

/**
 * The prompt for a task. What is hidden in its text, such as characters that only a model sees, is escaped.
 * @param file the task's file
 * @param template one that `readTemplate` has accepted
 */
export function writePrompt(
  facts: TaskFacts,
  situation: Situation,
  file: Uint8Array,
  template: string,
): { readonly text: string; readonly values: PromptValues } {
  const values = promptValues(facts, situation, new TextDecoder().decode(file));
  const expanded = expandPrompt(template, values);
  if (expanded.kind === 'problem') throw new Error(expanded.problem);
  return { text: sanitizeText(`${expanded.text.trimEnd()}\n`), values };
}
