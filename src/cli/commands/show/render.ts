import type { Rendering } from '../../output/rendering.ts';
import { sanitizeText } from '../../output/sanitize.ts';
import type { ShowResult } from './result.ts';

/** The file as it is: `agentq show > file` is a copy of it. Only a terminal must be protected from what may be in it. */
export function render({ bytes }: ShowResult, { isTerminal }: Rendering): string | Uint8Array {
  return isTerminal ? sanitizeText(new TextDecoder().decode(bytes)) : bytes;
}

/** Where the task is, and its model beside that. */
export function toDocument({ bytes: _, model, ...place }: ShowResult): object {
  return { ...place, ...model };
}
