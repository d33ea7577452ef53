import { KINDS } from './kinds.ts';

/** What replaces a secret. */
export const MASK = '***';

/** Shortest secret (characters) that is looked for by its value: shorter ones are words of ordinary text. */
const SHORTEST = 8;

/** The beginning and the end of a key, in a certificate file or an armoured message. */
const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/;
const KEY_ENDS = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY/;

/** A line of nothing but encoded bytes: a part of a key whose first line is gone. */
const ENCODED_LINE = /^\s{0,20}["']?[A-Za-z0-9+/]{40,}={0,2}["',]{0,2}\s{0,3}$/;

/** Long enough to be a key, and made of what keys are made of. */
const LONG_WORD = /[A-Za-z0-9+/_=-]{32,}/g;

/** Names of variables whose values nobody else should read. */
const SECRET_NAME = /key|token|secret|passw|passphrase|pwd|credential|auth|private|cookie|dsn/i;

/**
 * Masks what looks like a secret in the output of a command. It takes time in proportion to the text.
 * @param lines with no line breaks in them; masked together, because a key has several lines
 * @param known secrets by their values, see {@link secretsIn}
 */
export function maskSecrets(lines: readonly string[], known: readonly string[] = []): string[] {
  return withoutKeys(lines).map((line) => {
    let text = line;
    for (const secret of known) text = text.replaceAll(secret, MASK);
    for (const kind of KINDS) text = text.replace(kind, `$1${MASK}`);
    return text.replace(LONG_WORD, (word) => (looksRandom(word) ? MASK : word));
  });
}

/** The values in an environment that are secret by their names, the longest first. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = new Set<string>();
  for (const [name, value = ''] of Object.entries(env)) {
    if (!SECRET_NAME.test(name) || name.startsWith('AGENTQ_')) continue;
    // A key has several lines, and each of them may be printed alone.
    for (const part of [
      value,
      new URLSearchParams({ value }).toString().slice('value='.length),
      ...value.split(/[\r\n]/),
    ]) {
      if (part.length >= SHORTEST) values.add(part);
    }
  }
  return [...values].sort((a, b) => b.length - a.length);
}

/** Masks keys that have lines of their own, also if their beginning or end is not among the lines. */
function withoutKeys(lines: readonly string[]): string[] {
  const masked = lines.map((line) => (ENCODED_LINE.test(line) ? MASK : line));
  let isInKey = false;
  for (const [index, line] of lines.entries()) {
    const begins = KEY_BEGINS.test(line);
    if (begins || isInKey || KEY_ENDS.test(line)) masked[index] = MASK;
    isInKey = (begins || isInKey) && !KEY_ENDS.test(line);
  }
  return masked;
}

/**
 * Whether letters and digits alternate as by chance: two of three characters of a random key are of another kind than
 * the one before, but only two of five in a name of many short words.
 */
function looksRandom(word: string): boolean {
  let changes = 0;
  let length = 0;
  let last: Kind | undefined;
  const kinds = new Set<Kind>();
  for (const character of word) {
    const kind = kindOf(character);
    if (kind === undefined) continue;
    if (kind !== last) changes++;
    last = kind;
    length++;
    kinds.add(kind);
  }
  return kinds.size === 3 && changes > 0.45 * length;
}

type Kind = 'digit' | 'small' | 'capital';

function kindOf(character: string): Kind | undefined {
  if (character >= '0' && character <= '9') return 'digit';
  if (character >= 'a' && character <= 'z') return 'small';
  return character >= 'A' && character <= 'Z' ? 'capital' : undefined;
}
