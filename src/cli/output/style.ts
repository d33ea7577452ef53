import type { Environment, Sink } from './io.ts';

/** Colours for one stream. Each function returns its text unchanged if the stream has no colours. */
export interface Style {
  dim(text: string): string;
  bold(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  cyan(text: string): string;
}

export const PLAIN: Style = { dim: same, bold: same, red: same, yellow: same, green: same, cyan: same };

const COLOURED: Style = {
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  red: (text) => `\u001b[31m${text}\u001b[39m`,
  yellow: (text) => `\u001b[33m${text}\u001b[39m`,
  green: (text) => `\u001b[32m${text}\u001b[39m`,
  cyan: (text) => `\u001b[36m${text}\u001b[39m`,
};

/** Colours only on a terminal that has them, unless NO_COLOR or a flag turns them off. */
export function styleFor(sink: Sink, env: Environment, wanted: 'auto' | 'never'): Style {
  const plain = wanted === 'never' || !sink.isTerminal || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  return plain ? PLAIN : COLOURED;
}

function same(text: string): string {
  return text;
}
