import type { Finding } from '../base/finding.ts';
import { SETTINGS_FILE } from '../base/settings-file.ts';
import { closest } from '../base/suggest.ts';
import type { Ownership } from '../branches/ownership.ts';
import { compareNatural } from '../queue/ordering.ts';
import { everyEntry, type ProjectSnapshot, type QueueSnapshot } from '../queue/snapshot.ts';
import { formatKey, type TaskKey } from '../queue/task.ts';

/**
 * What is wrong with the branches of projects: those that do not exist, projects that do not exist, and tasks that were
 * added where their project does not live.
 *
 * @param snapshots by branch, with the names of all tasks and copies; a branch that does not exist is left out
 */
export function branchFindings(ownership: Ownership, snapshots: ReadonlyMap<string, QueueSnapshot>): Finding[] {
  return [...settingsFindings(ownership, snapshots), ...unmerged(ownership, snapshots)];
}

function settingsFindings(ownership: Ownership, snapshots: ReadonlyMap<string, QueueSnapshot>): Finding[] {
  const copied = snapshots.get(ownership.main)?.copies ?? [];
  const there = [...snapshots.values()].flatMap(({ projects }) => [...projects.keys()]);
  const names = [...new Set([...there, ...copied.map(({ key }) => key.project)])];
  return ownership.branches.slice(1).flatMap((branch): Finding[] => {
    const projects = ownership.namedOn(branch);
    const unknown = projects.filter((project) => !names.includes(project)).map((project) => noProject(project, names));
    if (snapshots.has(branch)) return unknown;
    return [
      ...unknown,
      excludes(branch, ownership.main) ? impossible(branch, ownership.main) : missing(branch, projects),
    ];
  });
}

function noProject(project: string, names: readonly string[]): Finding {
  const meant = closest(project, names);
  const rest = meant === undefined ? '' : `, did you mean ${meant}?`;
  return {
    code: 'branch-without-project',
    severity: 'warning',
    message: `branches names ${project}, and there is no such project${rest}`,
    hint: 'name a project of the queue, or add tasks to it: nothing lives on that branch because of this line',
    file: SETTINGS_FILE,
  };
}

function missing(branch: string, projects: readonly string[]): Finding {
  return {
    code: 'missing-branch',
    severity: 'error',
    message: `${projects.join(', ')} ${projects.length === 1 ? 'lives' : 'live'} on ${branch}, and there is no such branch`,
    hint: `make it with \`agentq branch ${projects[0] ?? ''} ${branch}\`, or correct its name: until then nobody can claim there`,
    file: SETTINGS_FILE,
  };
}

/** Git keeps branches as files in folders: of `develop` and `develop/auth` only one can exist. */
function excludes(branch: string, other: string): boolean {
  return branch.startsWith(`${other}/`) || other.startsWith(`${branch}/`);
}

function impossible(branch: string, main: string): Finding {
  return {
    code: 'missing-branch',
    severity: 'error',
    message: `branches names ${branch}, and git cannot have that branch beside ${main}`,
    hint: `name another, such as ${main}-${branch.split('/').at(-1) ?? ''}`,
    file: SETTINGS_FILE,
  };
}

/**
 * Tasks of a project that are on the main branch and not on the project's own: somebody added them there. What the own
 * branch has, too, is a copy, whatever its state.
 */
function unmerged(ownership: Ownership, snapshots: ReadonlyMap<string, QueueSnapshot>): Finding[] {
  const copies = snapshots.get(ownership.main)?.copies ?? [];
  const byName = new Map(copies.map((copy) => [formatKey(copy.key), copy]));
  const known = new Set<string>();
  for (const project of new Set(copies.map(({ key }) => key.project))) {
    const owner = snapshots.get(ownership.branchOf(project));
    // Nothing is known about a branch that does not exist, and that is a finding of its own.
    if (owner === undefined) for (const { key } of copies) if (key.project === project) known.add(formatKey(key));
    for (const id of idsOf(owner?.projects.get(project))) known.add(formatKey({ project, id }));
  }
  return [...byName]
    .filter(([name]) => !known.has(name))
    .sort(([a], [b]) => compareNatural(a, b))
    .map(([, { key, path }]) => unmergedTask(key, path, ownership.branchOf(key.project), ownership.main));
}

function idsOf(project: ProjectSnapshot | undefined): readonly string[] {
  return project === undefined ? [] : everyEntry(project).map(({ key }) => key.id);
}

function unmergedTask(key: TaskKey, file: string, branch: string, main: string): Finding {
  return {
    code: 'awaits-merge',
    severity: 'note',
    message: `${formatKey(key)} is only on ${main}, and ${key.project} lives on ${branch}`,
    hint: `\`agentq merge\` brings it there: nobody can claim it until then`,
    file,
  };
}
