import { parseDuration } from '../../domain/base/duration.ts';
import { given } from '../../domain/base/given.ts';
import { quote } from '../../domain/base/names.ts';
import type { TaskFilter } from '../../domain/intents/intent.ts';
import { capabilityProblem } from '../../domain/rules/needs.ts';
import type { PastOptions } from '../../engine/queue/reader.ts';
import type { Input } from './input.ts';
import { oneLineProblem, pairsOf, usage } from './usage.ts';

/** Priorities beyond this are typing mistakes. */
const PRIORITY_LIMIT = 1_000_000_000;

/**
 * The filter options that `claim`, `work`, `watch` and `list` share.
 * @param labelled the texts of `--label` that are pairs, if others may be there
 */
export function readFilter(input: Input, labelled: readonly string[] = input.list('label')): TaskFilter {
  const project = input.project();
  const minPriority = input.integer('min-priority', -PRIORITY_LIMIT, PRIORITY_LIMIT);
  const maxPriority = input.integer('max-priority', -PRIORITY_LIMIT, PRIORITY_LIMIT);
  const type = input.text('type', oneLineProblem('the type'));
  const labels = pairsOf('label', labelled);
  if (minPriority !== undefined && maxPriority !== undefined && minPriority > maxPriority) {
    throw usage(`no priority is at least ${minPriority} and at most ${maxPriority}`);
  }
  return {
    ...given({ project, minPriority, maxPriority, type }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

/** The filter of commands that claim: it also says what their agents can do. */
export function readClaimFilter(input: Input): TaskFilter {
  const can = readCapabilities(input, 'can');
  return { ...readFilter(input), ...(can.length === 0 ? {} : { can }) };
}

/** Capabilities: `--can gpu,docker`. Each once; what an agent can do in lower case, what a task needs as it is given. */
export function readCapabilities(input: Input, flag: 'can' | 'needs'): readonly string[] {
  const words = input.list(flag).flatMap((text) => text.split(',').map((word) => word.trim()));
  const named = words.filter((word) => word !== '');
  for (const word of named) {
    const problem = capabilityProblem(word);
    if (problem !== undefined) throw usage(problem);
  }
  return [...new Set(flag === 'can' ? named.map((word) => word.toLowerCase()) : named)];
}

const DEFAULT_WINDOW_MS = 24 * 3_600_000;

/** How far back (ms) figures are counted: `--since`, a day unless it is given; undefined: all that is known. */
export function readWindow(input: Input): number | undefined {
  const since = input.typed('since', oneLineProblem('--since'));
  if (since === undefined) return DEFAULT_WINDOW_MS;
  if (since === 'all') return undefined;
  const parsed = parseDuration(since);
  if (parsed.kind === 'problem') throw usage(`--since ${quote(since)}: ${parsed.problem}`, 'or `all`');
  if (parsed.ms === 0) throw usage('--since must be longer than zero');
  return parsed.ms;
}

/** Where a look back begins. */
export type Since =
  | { readonly kind: 'ago'; readonly ms: number }
  | { readonly kind: 'time'; readonly at: number }
  | { readonly kind: 'commit'; readonly revision: string };

/** What `--since` says: a duration, a time or a commit. */
export function sinceOf(text: string): Since {
  const ago = parseDuration(text);
  if (ago.kind === 'duration') return { kind: 'ago', ms: ago.ms };
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return { kind: 'time', at };
  if (text.startsWith('-')) throw usage(`--since ${quote(text)} is neither a duration, a time nor a commit`);
  return { kind: 'commit', revision: text };
}

/**
 * The same for the engine.
 * @param now ms since the epoch
 */
export function startOf(since: Since | undefined, now: number): Pick<PastOptions, 'newerThanMs' | 'after'> {
  switch (since?.kind) {
    case 'ago':
      return { newerThanMs: now - since.ms };
    case 'time':
      return { newerThanMs: since.at };
    case 'commit':
      return { after: since.revision };
    case undefined:
      return {};
  }
}
