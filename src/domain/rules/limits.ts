import { projectProblem } from '../base/names.ts';
import type { ClaimLimit, TaskEntry } from '../queue/snapshot.ts';

/** The highest limit of claims that a pool can set. */
export const MOST_CLAIMS = 100_000;

const TOTAL = 'total';
const LABEL = 'label.';

/** What is wrong with the name of a limit; undefined: nothing. */
export function limitProblem(name: string): string | undefined {
  if (name === TOTAL) return undefined;
  if (name.startsWith(LABEL)) return name === LABEL ? 'names no label: write `label.<key>`' : undefined;
  const problem = projectProblem(name);
  return problem === undefined ? undefined : `is neither \`total\`, nor a project, nor \`label.<key>\`: ${problem}`;
}

/** The limit of that name. */
export function limitOf(name: string, most: number): ClaimLimit {
  if (name === TOTAL) return { name, of: { kind: 'total' }, most };
  if (name.startsWith(LABEL)) return { name, of: { kind: 'label', label: name.slice(LABEL.length) }, most };
  return { name, of: { kind: 'project', project: name }, most };
}

/**
 * Whether the task counts for the limit when it is claimed. A label counts whatever its value, unless that is `false`.
 * A file that cannot be read has no labels.
 */
export function counts({ of }: ClaimLimit, { key, reading }: TaskEntry): boolean {
  switch (of.kind) {
    case 'total':
      return true;
    case 'project':
      return key.project === of.project;
    case 'label': {
      if (reading.kind !== 'read' || !Object.hasOwn(reading.task.labels, of.label)) return false;
      return String(reading.task.labels[of.label]) !== 'false';
    }
  }
}
