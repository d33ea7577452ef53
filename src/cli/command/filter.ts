import { parseDuration } from '../../domain/base/duration.ts';
import { given } from '../../domain/base/given.ts';
import { quote } from '../../domain/base/names.ts';
import type { TaskFilter } from '../../domain/queue/intent.ts';
import type { Input } from './input.ts';
import { oneLineProblem, usage } from './usage.ts';

/** Priorities beyond this are typing mistakes. */
const PRIORITY_LIMIT = 1_000_000_000;

/** The filter options that `claim` and `list` share. */
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

const CAPABILITY = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;

/** What a worker has that tasks may need: `--can gpu,docker`, which may be repeated. */
export function readCapabilities(input: Input): readonly string[] {
  const names = input.list('can').flatMap((text) => text.split(','));
  const given = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
  const wrong = given.find((name) => !CAPABILITY.test(name));
  if (wrong !== undefined) throw usage(`--can ${quote(wrong)} is not valid: letters, digits and . _ + -, such as gpu`);
  return given;
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
