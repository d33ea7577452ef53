import type { Rendering } from '../../output/rendering.ts';
import { sanitizeText } from '../../output/sanitize.ts';
import type { ShowResult } from './result.ts';

/** The bytes of the file: `agentq show > file` copies it. Only a terminal must be protected from what they may hold. */
export function render({ bytes }: ShowResult, { isTerminal }: Rendering): string | Uint8Array {
  return isTerminal ? sanitizeText(new TextDecoder().decode(bytes)) : bytes;
}

/** Where the task is, together with its model. */
export function toDocument({ bytes: _, model, ...place }: ShowResult): object {
  return { ...place, ...model };
}
