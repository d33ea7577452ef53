import { given } from '../../domain/base/given.ts';
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
