import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';

/** Commands get a prompt on stdin, made from this template; undefined: the built-in one. */
export interface PromptChoice {
  readonly template: string | undefined;
}

/** Reads and checks the options of a worker about prompts; undefined: none is wanted. */
export function readPromptChoice(input: Input): PromptChoice | undefined {
  const template = input.typed('template', oneLineProblem('--template'));
  if (!input.isOn('prompt') && template === undefined) return undefined;
  if (input.isOff('stdin'))
    throw usage('--prompt writes to stdin, which --no-stdin turns off', 'the command may run `agentq prompt`');
  return { template };
}

/** The template itself; its code is loaded only where a prompt is wanted. @throws Failure `config-invalid` */
export async function templateOf(choice: PromptChoice, dir: string): Promise<string> {
  const { readTemplate } = await import('./template-file.ts');
  return readTemplate(choice.template, dir);
}
