import { ToonDecodeError } from '@toon-format/toon';
import * as z from 'zod/mini';
import { branchTemplateProblem } from '../../domain/base/branch-template.ts';
import { parseDuration } from '../../domain/base/duration.ts';
import { Failure } from '../../domain/base/failure.ts';
import { branchProblem, projectProblem, quote, remoteProblem } from '../../domain/base/names.ts';
import { MOST_RETRIES, SETTINGS_FILE } from '../../domain/base/settings-file.ts';
import { closest } from '../../domain/base/suggest.ts';
import { hasLogin, meetingProblem } from '../../domain/meeting/meeting-url.ts';
import { LAYOUT_NAMES, type LayoutName } from '../../domain/queue/layouts.ts';
import { type ClaimLimit, DEFAULT_POOL_SETTINGS, type PoolSettings } from '../../domain/queue/snapshot.ts';
import { limitOf, limitProblem, MOST_CLAIMS } from '../../domain/rules/limits.ts';
import { BlanksError, decodeToon } from '../codec/text/toon.ts';

/** Path of the settings file in a repository. */
export const SETTINGS_PATH: string = SETTINGS_FILE;

/** The `agentq` section of {@link SETTINGS_PATH}; settings that the file does not have are absent. */
export interface Settings {
  readonly remote?: string;
  readonly branch?: string;
  readonly stalledAfterMs?: number;
  readonly reviewAfterMs?: number;
  readonly maxReleases?: number;
  readonly maxFailures?: number;
  readonly layouts?: readonly LayoutName[];
  readonly heartbeat?: 'commit' | 'ref';
  readonly reclaim?: 'claim' | 'off';
  readonly limits?: readonly ClaimLimit[];
  readonly combine?: 'local' | 'remote' | 'all' | 'none';
  readonly maxRetries?: number;
  readonly backoffBaseMs?: number;
  readonly backoff?: 'full-jitter' | 'guide';
  readonly pushLimit?: number;
  /** A URL, perhaps with a password in it, or `off`. */
  readonly meet?: string;
  readonly timeoutMs?: number;
  readonly sshShare?: boolean;
  readonly branchName?: string;
  readonly base?: string;
  readonly skipCi?: boolean;
  readonly sign?: boolean;
  readonly branches?: ReadonlyMap<string, string>;
}

const duration = z.pipe(
  z.string({ error: 'must be a duration with a unit, such as 30m' }),
  z.transform((text: string, context) => {
    const parsed = parseDuration(text);
    if (parsed.kind === 'duration') return parsed.ms;
    context.issues.push({ code: 'custom', message: `is wrong: ${parsed.problem}`, input: text });
    return z.NEVER;
  }),
);

/** A duration above zero: a limit that has always passed would stall every claim at once. */
const positiveDuration = duration.check(z.refine((ms) => ms > 0, { error: 'must be longer than zero' }));

function name(problem: (value: string) => string | undefined) {
  return z.string({ error: 'must be text' }).check(({ value, issues }) => {
    const wrong = problem(value);
    if (wrong !== undefined) issues.push({ code: 'custom', message: `is not usable: ${wrong}`, input: value });
  });
}

function count(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).check(z.minimum(least, { error }), z.maximum(most, { error }));
}

function oneOf<const Word extends string>(...words: readonly Word[]) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** `total: 20` lines below `limits:`. On one line with braces they are text to TOON, which is understood as well. */
const limits = z.pipe(
  z.pipe(
    z.unknown(),
    z.transform((value) => (typeof value === 'string' ? inBraces(value) : value)),
  ),
  z
    .record(z.string(), count(0, MOST_CLAIMS), { error: 'must be lines such as `total: 20` below it' })
    .check(({ value, issues }) => {
      for (const key of Object.keys(value)) {
        const wrong = limitProblem(key);
        if (wrong === undefined) continue;
        issues.push({ code: 'custom', path: [key], message: wrong, input: value });
      }
    }),
);

/** `auth-service: develop-auth` lines below `branches:`, or all of them on one line with braces. */
const branches = z.pipe(
  z.pipe(
    z.unknown(),
    z.transform((value) => (typeof value === 'string' ? inBraces(value) : value)),
  ),
  z
    .record(z.string(), name(branchProblem), { error: 'must be lines such as `auth-service: develop-auth` below it' })
    .check(({ value, issues }) => {
      for (const key of Object.keys(value)) {
        const wrong = projectProblem(key);
        if (wrong === undefined) continue;
        issues.push({ code: 'custom', path: [key], message: `is not usable: ${wrong}`, input: value });
      }
    }),
);

/** `{ total: 20, label.gpu: 1 }` as a record; anything else as it is. */
function inBraces(text: string): unknown {
  const inner = /^\{([^{}]*)\}$/.exec(text.trim())?.[1];
  if (inner === undefined) return text;
  const entries = inner.split(',').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const [key = '', ...rest] = entry.split(':');
      const value = rest.join(':').trim();
      return [key.trim(), /^\d{1,9}$/.test(value) ? Number(value) : value];
    }),
  );
}

const sectionSchema = z.strictObject({
  remote: z.optional(name(remoteProblem)),
  branch: z.optional(name(branchProblem)),
  stalled_after: z.optional(positiveDuration),
  review_after: z.optional(positiveDuration),
  max_releases: z.optional(count(1, 1000)),
  max_failures: z.optional(count(1, 1000)),
  layouts: z.optional(
    z
      .array(oneOf(...LAYOUT_NAMES), { error: `must be a list of ${LAYOUT_NAMES.join(', ')}` })
      .check(z.minLength(1, { error: 'must name at least one layout' })),
  ),
  heartbeat: z.optional(oneOf('commit', 'ref')),
  reclaim: z.optional(oneOf('claim', 'off')),
  limits: z.optional(limits),
  combine: z.optional(oneOf('local', 'remote', 'all', 'none')),
  max_retries: z.optional(count(0, MOST_RETRIES)),
  backoff_base: z.optional(positiveDuration),
  backoff: z.optional(oneOf('full-jitter', 'guide')),
  push_limit: z.optional(count(1, 10_000)),
  meet: z.optional(name(meetingProblem)),
  timeout: z.optional(positiveDuration),
  ssh_share: z.optional(z.boolean({ error: 'must be true or false' })),
  branch_name: z.optional(name(branchTemplateProblem)),
  base: z.optional(name(branchProblem)),
  skip_ci: z.optional(z.boolean({ error: 'must be true or false' })),
  sign: z.optional(z.boolean({ error: 'must be true or false' })),
  branches: z.optional(branches),
});

const fileSchema = z.strictObject({ agentq: z.optional(sectionSchema) });

/** Keys of the section, as users write them. */
export const SETTING_KEYS: readonly string[] = Object.keys(sectionSchema.shape);

/**
 * Reads the settings file. `file` is the name that messages use, such as `develop:.agents-core/config/agentq.toon`.
 * @throws Failure `config-invalid` that names file, line and, for an unknown key, the one that was probably meant.
 */
export function parseSettings(text: string, file: string): Settings {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n');
  const parsed = fileSchema.safeParse(decodeSettings(source, file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw issue === undefined ? invalid(file, 1, 'is not valid') : describeIssue(issue, source, file);
  }
  const given = parsed.data.agentq ?? {};
  return withoutUndefined({
    remote: given.remote,
    branch: given.branch,
    stalledAfterMs: given.stalled_after,
    reviewAfterMs: given.review_after,
    maxReleases: given.max_releases,
    maxFailures: given.max_failures,
    layouts: given.layouts,
    heartbeat: given.heartbeat,
    reclaim: given.reclaim,
    limits: given.limits && Object.entries(given.limits).map(([name, most]) => limitOf(name, most)),
    combine: given.combine,
    maxRetries: given.max_retries,
    backoffBaseMs: given.backoff_base,
    backoff: given.backoff,
    pushLimit: given.push_limit,
    meet: given.meet,
    timeoutMs: given.timeout,
    sshShare: given.ssh_share,
    branchName: given.branch_name,
    base: given.base,
    skipCi: given.skip_ci,
    sign: given.sign,
    branches: given.branches && new Map(Object.entries(given.branches)),
  });
}

/** What the whole pool must agree on, with defaults for what the file does not say. */
export function poolSettings(settings: Settings): PoolSettings {
  return {
    stalledAfterMs: settings.stalledAfterMs ?? DEFAULT_POOL_SETTINGS.stalledAfterMs,
    reviewAfterMs: settings.reviewAfterMs ?? DEFAULT_POOL_SETTINGS.reviewAfterMs,
    maxReleases: settings.maxReleases ?? DEFAULT_POOL_SETTINGS.maxReleases,
    maxFailures: settings.maxFailures ?? DEFAULT_POOL_SETTINGS.maxFailures,
    layouts: settings.layouts ?? DEFAULT_POOL_SETTINGS.layouts,
    heartbeat: settings.heartbeat ?? DEFAULT_POOL_SETTINGS.heartbeat,
    branchName: settings.branchName ?? DEFAULT_POOL_SETTINGS.branchName,
    reclaim: settings.reclaim ?? DEFAULT_POOL_SETTINGS.reclaim,
    base: settings.base,
    limits: settings.limits ?? DEFAULT_POOL_SETTINGS.limits,
    meet: settings.meet !== undefined && hasLogin(settings.meet) ? 'with-login' : DEFAULT_POOL_SETTINGS.meet,
    ci: settings.skipCi === true ? 'skip' : DEFAULT_POOL_SETTINGS.ci,
    signing: settings.sign === true ? 'on' : DEFAULT_POOL_SETTINGS.signing,
    branches: settings.branches ?? DEFAULT_POOL_SETTINGS.branches,
  };
}

function decodeSettings(source: string, file: string): unknown {
  if (source.trim() === '') return {};
  try {
    return decodeToon(source);
  } catch (cause) {
    const line = cause instanceof ToonDecodeError || cause instanceof BlanksError ? (cause.line ?? 1) : 1;
    const words = cause instanceof Error ? cause.message.replace(/^Line \d+: /, '') : String(cause);
    throw invalid(file, line, `not readable as TOON: ${words}`, cause);
  }
}

function describeIssue(issue: z.core.$ZodIssue, source: string, file: string): Failure {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const meant = closest(key, path.length === 0 ? ['agentq'] : SETTING_KEYS);
    const rest = meant === undefined ? `the known ones are ${known(path)}` : `did you mean \`${meant}\`?`;
    return invalid(file, lineOf(source, [...path, key]), `unknown key ${tick(key)}, ${rest}`);
  }
  const where = path.length === 0 ? 'the file' : tick(path.filter((part) => !/^\d+$/.test(part)).join('.'));
  const what = path.length <= 1 ? 'must be `key: value` lines below `agentq:`' : issue.message;
  return invalid(file, lineOf(source, path), `${where} ${what}`);
}

function known(path: readonly string[]): string {
  return path.length === 0 ? 'only the section `agentq`' : SETTING_KEYS.map((key) => `\`${key}\``).join(', ');
}

function tick(key: string): string {
  return /^[\w.-]{1,80}$/.test(key) ? `\`${key}\`` : quote(key);
}

/** 1-based line where the last part of the path that can be found begins. */
function lineOf(source: string, path: readonly string[]): number {
  const lines = source.split('\n');
  let line = 0;
  for (const part of path) {
    const found = lines.findIndex((text, index) => index >= line && startsWithKey(text, part));
    if (found < 0) break;
    line = found;
  }
  return line + 1;
}

function startsWithKey(text: string, key: string): boolean {
  const rest = text.trimStart();
  return [key, JSON.stringify(key)].some((form) => rest.startsWith(form) && /^[[{:]/.test(rest.slice(form.length)));
}

function invalid(file: string, line: number, message: string, cause?: unknown): Failure {
  return new Failure('config-invalid', `${file}:${line}: ${message}`, { details: { file, line }, cause });
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** `exactOptionalPropertyTypes`: what was not given is absent, not undefined. */
function withoutUndefined<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
