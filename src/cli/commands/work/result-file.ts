import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { prUrlProblem, withoutHidden } from '../../../domain/base/names.ts';
import { LONGEST_SUMMARY, MOST_COST_USD } from '../../../domain/intents/intent.ts';
import { parseTime } from '../../../domain/leases/staleness.ts';
import type { CommandSaid } from '../../../engine/work/workspace.ts';

/** Largest result file (bytes) that is read. */
const LARGEST = 65_536;

/** Numbers below this are seconds since the epoch, others milliseconds: it is the year 5138, or 1973. */
const SECONDS_BELOW = 100_000_000_000;

const NAME = '$AGENTQ_RESULT_FILE';

const costUsd = z.number().check(z.minimum(0), z.maximum(MOST_COST_USD));
const tokens = z.int().check(z.minimum(0));
const prUrl = z.string().check(z.refine((value) => prUrlProblem(value) === undefined));
const summary = z.pipe(
  z.string(),
  z.transform((text: string) => shortened(cleaned(text).trim())),
);
const retryAt = z.pipe(
  z.union([z.string(), z.number()]),
  z.transform((value: string | number, context) => {
    const at = typeof value === 'string' ? parseTime(value) : value < SECONDS_BELOW ? value * 1000 : value;
    if (at !== undefined && Number.isFinite(at) && at >= 0) return at;
    context.issues.push({ code: 'custom', message: 'no time', input: value });
    return z.NEVER;
  }),
);

/** What each field must be, in words. */
const FIELDS = [
  { name: 'prUrl', other: 'pr_url', schema: prUrl, must: 'be an http(s) URL' },
  { name: 'summary', other: 'summary', schema: summary, must: 'be text' },
  { name: 'costUsd', other: 'cost_usd', schema: costUsd, must: `be a number from 0 to ${MOST_COST_USD}` },
  { name: 'tokens', other: 'tokens', schema: tokens, must: 'be a whole number' },
  { name: 'retryAt', other: 'retry_at', schema: retryAt, must: 'be a time, such as 2025-01-31T12:00:00Z' },
] as const;

/**
 * Reads what a command has written about its work. Anything may be in the file: a field that cannot be used is left out
 * and named among the problems, and so is a file that cannot be read. Never throws.
 */
export function readResult(path: string): CommandSaid {
  if (!existsSync(path)) return { problems: [] };
  let document: unknown;
  try {
    document = JSON.parse(textOf(path));
  } catch (error) {
    return { problems: [`${NAME} cannot be used: ${error instanceof Error ? firstLine(error.message) : ''}`] };
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(document);
  if (!parsed.success || Array.isArray(document)) return { problems: [`${NAME} is not a JSON object`] };
  const said: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const { name, other, schema, must } of FIELDS) {
    const value = parsed.data[name] ?? parsed.data[other];
    if (value === undefined || value === null || value === '') continue;
    const field = schema.safeParse(value);
    if (field.success) said[name] = field.data;
    else problems.push(`${NAME}: ${name} must ${must}`);
  }
  return { ...(said as Omit<CommandSaid, 'problems'>), problems };
}

/** The text of the file. What was opened is checked before it is read, and opening it never blocks. */
function textOf(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > LARGEST) throw new Error(`it is ${stat.size} bytes long, the limit is ${LARGEST}`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function shortened(text: string): string {
  return text.length > LONGEST_SUMMARY ? `${text.slice(0, LONGEST_SUMMARY - 3)}...` : text;
}

function firstLine(text: string): string {
  return cleaned(text).split('\n', 1)[0] ?? '';
}

/** Keeps line breaks, and nothing else that a terminal would obey or not show. */
function cleaned(text: string): string {
  return withoutHidden(text.replace(/\r\n?|[\u2028\u2029]/g, '\n').replace(/[\u0000-\u0009\u000b-\u001f]+/g, ' '));
}
