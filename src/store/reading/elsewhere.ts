import { requiredKey } from '../../domain/queue/dependency-entry.ts';
import type { OtherBranch, PoolSettings, ProjectElsewhere, ProjectSnapshot } from '../../domain/queue/snapshot.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';
import type { Ending } from '../../git/process/ending.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';
import { discover } from './discover.ts';
import { withoutCopies } from './discovery.ts';
import { rootOf } from './root-of.ts';
import type { SnapshotScope } from './snapshot-scope.ts';
import { toProjects } from './to-projects.ts';

/** What reads other branches. */
export interface OtherBranches {
  readonly upstream: Pick<Upstream, 'name' | 'look'>;
  readonly objects: ObjectReader;
  /** Makes a commit of that branch available here. */
  ensureCommit(branchRef: string, tip: string, ending: Ending): Promise<void>;
}

/**
 * Projects of other branches that tasks of this one require, as they are at the tips there: names of tasks alone. A
 * branch that does not exist is left out, and tasks that require its tasks wait. If no task requires any, nothing is
 * asked.
 *
 * @param projects of this branch, with what the scope asked for
 * @throws Failure of the remote
 */
export async function readElsewhere(
  others: OtherBranches,
  { projects, otherBranch, settings }: ReadHere,
  scope: SnapshotScope,
  ending: Ending,
): Promise<ReadonlyMap<string, ProjectElsewhere> | undefined> {
  const isDeciding = scope.use === 'deciding' || scope.required !== undefined;
  if (otherBranch === undefined || !isDeciding || scope.elsewhere === 'left') return undefined;
  const required = requiredElsewhere(projects, otherBranch, scope);
  const [first, ...more] = required.keys();
  if (first === undefined) return undefined;
  const look = await others.upstream.look(refOf(first), more.map(refOf), ending);
  const found = new Map<string, ProjectElsewhere>();
  for (const [branch, names] of required) {
    const tip = branch === first ? look.tip : look.refs.get(refOf(branch));
    if (tip === undefined) continue;
    const there = await projectsAt(others, { branch, tip, isWanted: (name) => names.has(name) }, settings, ending);
    for (const [name, project] of there) found.set(name, { branch, tip, project });
  }
  return found;
}

interface ReadHere {
  readonly projects: ReadonlyMap<string, ProjectSnapshot>;
  readonly otherBranch: OtherBranch | undefined;
  readonly settings: PoolSettings;
}

/** Names of the projects that are required, by the branch on which they live. */
function requiredElsewhere(
  projects: ReadonlyMap<string, ProjectSnapshot>,
  otherBranch: OtherBranch,
  scope: SnapshotScope,
): ReadonlyMap<string, ReadonlySet<string>> {
  const required = new Map<string, Set<string>>();
  const add = (project: string): void => {
    const branch = otherBranch(project);
    if (branch === undefined) return;
    const known = required.get(branch);
    if (known) known.add(project);
    else required.set(branch, new Set([project]));
  };
  for (const project of scope.required ?? []) add(project);
  for (const { entries } of projects.values()) {
    for (const { key, state, reading } of entries) {
      // What a completed task required no longer matters.
      if (state === 'completed' || reading.kind !== 'read') continue;
      for (const { id } of reading.task.required) if (id?.includes('/')) add(requiredKey(id, key.project).project);
    }
  }
  return required;
}

async function projectsAt(
  { upstream, objects, ensureCommit }: OtherBranches,
  { branch, tip, isWanted }: { readonly branch: string; readonly tip: string; isWanted(project: string): boolean },
  { layouts }: PoolSettings,
  ending: Ending,
): Promise<ReadonlyMap<string, ProjectSnapshot>> {
  await ensureCommit(refOf(branch), tip, ending);
  const root = await rootOf(objects, tip, { name: upstream.name, branchRef: refOf(branch) });
  const readTree = async (oid: string) => (await objects.readTrees([oid], ending))[0] ?? [];
  const namesOnly = { readTree: (oid: string) => objects.fileTree(oid, ending), except: new Set<string>() };
  const all = await discover(root, readTree, layouts, namesOnly);
  const { discovery } = withoutCopies(all, (project) => (isWanted(project) ? undefined : branch));
  const ledgers = { stalls: new Map(), failures: new Map() };
  return toProjects(discovery, { readings: [], ledgers, touched: new Map(), renewals: new Map() });
}

function refOf(branch: string): string {
  return `refs/heads/${branch}`;
}
