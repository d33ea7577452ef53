import { branchProblem, quote } from './names.ts';

/** How the branch of a task is named, unless the settings or an option say otherwise. */
export const DEFAULT_BRANCH_TEMPLATE = 'feature/{task}';

/** What a template may name. Each value is turned into one that a branch may have, see {@link branchable}. */
export interface BranchNaming {
  readonly project: string;
  readonly task: string;
  readonly agent: string;
}

const PLACEHOLDERS = ['task', 'project', 'agent'] as const;

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** Most names that end in a number. */
const MOST_SUFFIXES = 9;

/** @returns what is wrong with the template of a branch's name, or undefined if it is valid */
export function branchTemplateProblem(template: string): string | undefined {
  const unknown = [...template.matchAll(PLACEHOLDER)].find(([, name]) => !isPlaceholder(name));
  const known = PLACEHOLDERS.map((name) => `{${name}}`).join(', ');
  if (unknown !== undefined)
    return `branch name ${quote(template)} has ${quote(unknown[0])}: the known ones are ${known}`;
  if (!template.includes('{task}')) {
    return `branch name ${quote(template)} lacks {task}: two tasks would have the same branch`;
  }
  const problem = branchProblem(expandBranch(template, { project: 'project', task: 'TASK-1', agent: 'agent' }));
  if (problem !== undefined) return problem;
  return /[{}]/.test(template.replace(PLACEHOLDER, ''))
    ? `branch name ${quote(template)} has a stray brace`
    : undefined;
}

/** The name of a branch by a valid template. */
export function expandBranch(template: string, naming: BranchNaming): string {
  return template.replace(PLACEHOLDER, (whole, name: string) =>
    isPlaceholder(name) ? branchable(naming[name]) : whole,
  );
}

/**
 * Possible names for a task's branch, in the order in which they are tried: by the template, the same with the project,
 * and some that begin otherwise, since a branch `feature` leaves room for none in `feature/`.
 */
export function branchNames(template: string, naming: BranchNaming): readonly string[] {
  const [project, name] = [branchable(naming.project), branchable(naming.task)];
  const own = template.includes('{project}')
    ? []
    : [expandBranch(template.replaceAll('{task}', '{project}-{task}'), naming)];
  const full = `agentq-${project}-${name}`;
  const others = Array.from({ length: MOST_SUFFIXES - 1 }, (_, index) => `${full}-${index + 2}`);
  return [expandBranch(template, naming), ...own, `agentq/${project}/${name}`, full, ...others];
}

/** The names that the branch of a task's work most likely has, the likeliest first. One with its project is its own. */
export function likelyBranches(template: string, naming: BranchNaming): readonly string[] {
  const [plain = '', full = plain] = branchNames(template, naming);
  return template.includes('{project}') ? [plain] : [full, plain];
}

function isPlaceholder(name: string | undefined): name is (typeof PLACEHOLDERS)[number] {
  return PLACEHOLDERS.some((one) => one === name);
}

/** A task file made by hand may have a name that no branch may have. Names contain no percent sign otherwise. */
function branchable(name: string): string {
  return name.replace(/\.(lock)?$/i, '%2E$1').replaceAll('..', '.%2E');
}
