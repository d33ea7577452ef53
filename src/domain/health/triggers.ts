/**
 * Whether a workflow of GitHub starts for a push to a branch. `unclear`: its filters are more than what is read here.
 */
export type Trigger = 'starts' | 'does-not' | 'unclear';

/** Longest pattern of a branch that is compared, and most of its stars: each star multiplies the work. */
const LONGEST_PATTERN = 100;
const MOST_STARS = 4;

/**
 * What `on:` of a workflow says about pushes to the branch.
 * @param workflow as YAML has it; anything that is not a workflow starts nothing
 */
export function triggerOf(workflow: unknown, branch: string): Trigger {
  const events = isRecord(workflow) ? workflow.on : undefined;
  if (typeof events === 'string') return events === 'push' ? 'starts' : 'does-not';
  if (Array.isArray(events)) return events.includes('push') ? 'starts' : 'does-not';
  if (!isRecord(events) || !('push' in events)) return 'does-not';
  const { push } = events;
  if (push === null) return 'starts';
  return isRecord(push) ? byFilters(push, branch) : 'unclear';
}

function byFilters(push: Readonly<Record<string, unknown>>, branch: string): Trigger {
  const wanted = 'branches' in push ? matches(push.branches, branch) : undefined;
  const ignored = 'branches-ignore' in push ? matches(push['branches-ignore'], branch) : undefined;
  if (wanted === 'no' || ignored === 'yes') return 'does-not';
  if (wanted === 'unclear' || ignored === 'unclear') return 'unclear';
  // With filters for tags alone, GitHub starts nothing for branches.
  const isForTags = 'tags' in push || 'tags-ignore' in push;
  if (wanted === undefined && ignored === undefined && isForTags) return 'does-not';
  return 'paths' in push || 'paths-ignore' in push ? 'unclear' : 'starts';
}

/** The last pattern that fits decides. */
function matches(patterns: unknown, branch: string): 'yes' | 'no' | 'unclear' {
  const all: readonly unknown[] = Array.isArray(patterns) ? patterns : [patterns];
  let answer: 'yes' | 'no' = 'no';
  for (const pattern of all) {
    if (typeof pattern !== 'string') return 'unclear';
    const isNot = pattern.startsWith('!');
    const expression = expressionOf(isNot ? pattern.slice(1) : pattern);
    if (expression === undefined) return 'unclear';
    if (expression.test(branch)) answer = isNot ? 'no' : 'yes';
  }
  return answer;
}

function expressionOf(pattern: string): RegExp | undefined {
  const stars = pattern.match(/\*+/g)?.length ?? 0;
  if (pattern.length > LONGEST_PATTERN || stars > MOST_STARS || /[?+[\]\\${}]/.test(pattern)) return undefined;
  const parts = pattern
    .split(/(\*+)/)
    .map((part) => (part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.^|()]/g, '\\$&')));
  return new RegExp(`^${parts.join('')}$`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
