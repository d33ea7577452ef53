import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { hasHidden, quote } from '../../domain/base/names.ts';

/** A mistake on the command line or in the environment: exit 64. */
export function usage(message: string, hint?: string): Failure {
  return new Failure('usage', message, given({ hint }));
}

/** Checks a text that must fit on one line of a commit message or of a filter. */
export function oneLineProblem(what: string): (value: string) => string | undefined {
  return (value) => {
    if (hasHidden(value)) return `${what} must be one line without control characters, not ${quote(value)}`;
    if (value.length > 500) return `${what} is ${value.length} characters long, the limit is 500`;
    return undefined;
  };
}

/** `key=value` texts of an option. The same key twice is an error, unless both values are the same. */
export function pairsOf(flag: string, texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const match = /^([^=\s]{1,100})=(.{1,300})$/.exec(text);
    const [, key, value] = match ?? [];
    if (key === undefined || value === undefined || hasHidden(text)) {
      throw usage(`--${flag} must be key=value, not ${quote(text)}`);
    }
    const before = pairs.get(key);
    if (before !== undefined && before !== value) {
      throw usage(`--${flag} ${quote(key)} is given twice, but no task can have both values`);
    }
    pairs.set(key, value);
  }
  return Object.fromEntries(pairs);
}
