import { given } from '../base/given.ts';
import type { ProjectSnapshot, QueueSnapshot } from '../queue/snapshot.ts';
import type { Ownership } from './ownership.ts';

/** The snapshot of a branch with the projects that live there, and without copies of others. */
export function ownedPart(ownership: Ownership, branch: string, snapshot: QueueSnapshot): QueueSnapshot {
  const owned = [...snapshot.projects].filter(([name]) => ownership.owns(branch, name));
  const copies = [...snapshot.projects.values()].filter(({ name }) => !ownership.owns(branch, name));
  const isOwned = (file: string): boolean =>
    branch === ownership.main ? !isIn(copies, file) : isIn([...new Map(owned).values()], file);
  return {
    ...snapshot,
    projects: new Map(owned),
    findings: snapshot.findings.filter(({ file }) => isOwned(file)),
  };
}

/**
 * The queue of all branches as one snapshot: each project as the branch has it that the project lives on. Tip and
 * settings are those of the main branch. The files of a project are in the tree of its branch, see
 * {@link Ownership.branchOf}. A task is in it exactly as often as on the branch that owns its project.
 *
 * @param snapshots by branch, all read with the same scope; a branch that does not exist yet is left out
 */
export function mergeByOwnership(ownership: Ownership, snapshots: ReadonlyMap<string, QueueSnapshot>): QueueSnapshot {
  const main = snapshots.get(ownership.main);
  if (main === undefined) throw new Error(`no snapshot of ${ownership.main}`);
  const parts = ownership.branches.flatMap((branch) => {
    const snapshot = snapshots.get(branch);
    return snapshot === undefined ? [] : [ownedPart(ownership, branch, snapshot)];
  });
  return {
    tip: main.tip,
    projects: new Map(parts.flatMap(({ projects }) => [...projects])),
    settings: main.settings,
    ...given({ stalls: stallsOf(parts), pauses: main.pauses }),
    findings: parts.flatMap(({ findings }) => findings),
    branchOf: (project) => ownership.branchOf(project),
  };
}

/** What is known of the stalled claims of all: no more than of any one. */
function stallsOf(parts: readonly QueueSnapshot[]): QueueSnapshot['stalls'] {
  const known = new Set(parts.map(({ stalls }) => stalls));
  if (known.has(undefined)) return undefined;
  if (known.has('suspected')) return 'suspected';
  return known.has('witnessed') ? 'witnessed' : 'none';
}

function isIn(projects: readonly ProjectSnapshot[], file: string): boolean {
  return projects.some(({ locations }) =>
    locations.some(({ folders }) => Object.values(folders).some((folder) => file.startsWith(folder))),
  );
}
