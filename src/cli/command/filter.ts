import { parseDuration } from '../../domain/base/duration.ts';
import { given } from '../../domain/base/given.ts';
import { quote } from '../../domain/base/names.ts';
import type { TaskFilter } from '../../domain/intents/intent.ts';
import { capabilityProblem } from '../../domain/rules/needs.ts';
import type { Input } from './input.ts';
import { oneLineProblem, usage } from './usage.ts';

/** Priorities beyond this are typing mistakes. */
const PRIORITY_LIMIT = 1_000_000_000;

/** The filter options that `claim`, `work` and `list` share. */
export function readFilter(input: Input): TaskFilter {
  const project = input.project();
  const minPriority = input.integer('min-priority', -PRIORITY_LIMIT, PRIORITY_LIMIT);
  const maxPriority = input.integer('max-priority', -PRIORITY_LIMIT, PRIORITY_LIMIT);
  const type = input.text('type', oneLineProblem('the type'));
  const labels = input.pairs('label');
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
