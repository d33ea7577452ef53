import { maskSecrets } from '../../domain/secrets/mask.ts';

/** How much of a failed command's output goes into the commit that gives its task back. */
export interface LastWords {
  /** Number of lines, from the end. */
  readonly lines: number;
  /** Values that must not be in them, whatever they look like. */
  readonly secrets: readonly string[];
}

/** Most lines that may be asked for: a request for a release holds no more. */
export const MOST_LAST_WORDS = 50;

/** How much of a line (characters) is looked at, and how much of it is left: a secret may reach beyond the end. */
const READ = 4_000;
const LONGEST_LINE = 300;

/** Nothing that a command printed leaves the machine unmasked, and nothing at all unless it was asked for. */
export function lastWordsOf(output: readonly string[], wanted: LastWords | undefined): string[] {
  if (wanted === undefined || wanted.lines === 0 || output.length === 0) return [];
  // All lines that are known: the first line of a key may be before those that are wanted.
  const masked = maskSecrets(
    output.map((line) => plain(line).slice(0, READ)),
    wanted.secrets,
  );
  return masked.slice(-wanted.lines).map((line) => cut(line));
}

/** The text as one line of a commit, without control sequences that a terminal would obey. */
export function oneLine(text: string): string {
  return cut(plain(text));
}

function plain(text: string): string {
  return text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trimEnd();
}

function cut(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 3)}...` : text;
}
