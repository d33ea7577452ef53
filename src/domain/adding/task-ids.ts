import { compareText } from '../queue/ordering.ts';

/** How the ids of a project are formed: `TASK-` and at least three digits. */
export interface IdPattern {
  readonly prefix: string;
  /** Numbers are padded with zeros to this many digits. */
  readonly width: number;
  /** The first number above all existing ones. */
  readonly next: number;
}

const DEFAULT_PREFIX = 'TASK-';
const DEFAULT_WIDTH = 3;
/** Longer runs of digits are dates or hashes, and would lose their last digits as numbers. */
const NUMBERED = /^(|.*\D)(\d{1,12})$/;

/** Longest prefix (characters): the number and `.toon` must fit into a file name too. */
export const MAX_PREFIX_LENGTH = 80;

/** @returns what is wrong with the prefix, or undefined if ids can begin with it. */
export function idPrefixProblem(value: string): string | undefined {
  if (value.length <= MAX_PREFIX_LENGTH && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value) && !value.includes('..')) {
    return undefined;
  }
  return `the prefix of ids must be letters, digits and . _ -, at most ${MAX_PREFIX_LENGTH}, such as TASK-`;
}

/** Ids with the same prefix. */
interface Family {
  readonly count: number;
  readonly highest: number;
  readonly width: number;
}

/**
 * The pattern of new ids: that of most ids of the project, or the given prefix. Numbers continue from the highest.
 * @param given ids of new tasks: they set an example only if the project has none
 * @param prefix as given by a user: `AUTH` and `AUTH-` are the same
 */
export function idPatternOf(existing: Iterable<string>, given: Iterable<string>, prefix?: string): IdPattern {
  const families = new Map<string, Family>();
  gather(families, existing);
  const example = mostUsed(families);
  gather(families, given);
  const chosen = prefix === undefined ? (example ?? mostUsed(families) ?? DEFAULT_PREFIX) : withSeparator(prefix);
  const family = families.get(chosen);
  if (family === undefined) return { prefix: chosen, width: DEFAULT_WIDTH, next: 1 };
  return { prefix: chosen, width: family.width, next: family.highest + 1 };
}

function gather(families: Map<string, Family>, ids: Iterable<string>): void {
  for (const id of ids) {
    const [, head, digits] = NUMBERED.exec(id) ?? [];
    if (head === undefined || digits === undefined) continue;
    const family = families.get(head) ?? { count: 0, highest: 0, width: 1 };
    families.set(head, {
      count: family.count + 1,
      highest: Math.max(family.highest, Number(digits)),
      // Only leading zeros tell that numbers are padded: `TASK-12` goes well with `TASK-9`.
      width: digits.startsWith('0') ? Math.max(family.width, digits.length) : family.width,
    });
  }
}

/** The pattern's id with this number. */
export function formatId(pattern: IdPattern, number: number): string {
  return pattern.prefix + String(number).padStart(pattern.width, '0');
}

function mostUsed(families: ReadonlyMap<string, Family>): string | undefined {
  const [best] = [...families].sort(([a, left], [b, right]) => right.count - left.count || compareText(a, b));
  return best?.[0];
}

function withSeparator(prefix: string): string {
  return /[A-Za-z0-9]$/.test(prefix) ? `${prefix}-` : prefix;
}
