import { given } from '../../domain/base/given.ts';
import { claimName } from '../../domain/leases/ref-heartbeat.ts';
import type { ProjectSnapshot, Reading, TaskEntry, UnlistedTasks } from '../../domain/queue/snapshot.ts';
import { type Discovery, type FoundTask, findUnlisted, listUnlisted, type UnlistedFolder } from './discovery.ts';
import type { Ledgers } from './ledgers.ts';

/** What is known about the tasks, besides where they are. */
export interface Knowledge {
  /** In the order of the tasks. */
  readonly readings: readonly Reading[];
  readonly ledgers: Ledgers;
  /** Time (ms since the epoch) of the commit that last touched a file, by path. */
  readonly touched: ReadonlyMap<string, number>;
  /** When a claim begins to look stalled (ms since the epoch), by path; absent: nobody asked. */
  readonly stallsAt?: ReadonlyMap<string, number>;
  /** When a ref last renewed a claim (ms since the epoch), by the name of the claim. */
  readonly renewals: ReadonlyMap<string, number>;
}

const UNREAD: Reading = { kind: 'unread' };
const NO_TIMES: ReadonlyMap<string, number> = new Map();

/** The projects of a snapshot, by name. */
export function toProjects(
  { locations, tasks, unlisted }: Discovery,
  { readings, ledgers, touched, renewals, stallsAt: dues = NO_TIMES }: Knowledge,
): Map<string, ProjectSnapshot & { entries: TaskEntry[] }> {
  const projects = new Map<string, ProjectSnapshot & { entries: TaskEntry[]; unlisted?: Unlisted }>();
  for (const location of locations) {
    const name = location.project;
    const all = [...(projects.get(name)?.locations ?? []), location];
    const stalls = ledgers.stalls.get(name) ?? new Map();
    const failures = ledgers.failures.get(name);
    projects.set(name, { name, locations: all, entries: [], stalls, ...given({ failures }) });
  }
  const folders = unlisted.values();
  let folder = folders.next().value;
  for (let index = 0; index <= tasks.length; index++) {
    for (; folder?.tasksBefore === index; folder = folders.next().value) {
      const project = projects.get(folder.location.project);
      if (project === undefined) continue;
      project.unlisted ??= new Unlisted();
      project.unlisted.add(folder, project.entries.length);
    }
    const task = tasks[index];
    if (task === undefined) continue;
    const reading = readings[index] ?? UNREAD;
    const entry = toEntry(task, reading);
    // Asked only if there is something: to look up a path, a string is made of its parts and hashed.
    const touchedAt = touched.size === 0 ? undefined : touched.get(task.path);
    const renewedAt = renewals.size === 0 ? undefined : renewals.get(nameOfClaim(task, reading));
    const stallsAt = dues.size === 0 || task.state !== 'claimed' ? undefined : dues.get(task.path);
    const isPlain = touchedAt === undefined && renewedAt === undefined && stallsAt === undefined;
    const known = isPlain ? entry : { ...entry, ...given({ touchedAt, renewedAt, stallsAt }) };
    projects.get(task.location.project)?.entries.push(known);
  }
  return projects;
}

/** The folders of one project that are not listed. */
class Unlisted implements UnlistedTasks {
  readonly #folders: { readonly folder: UnlistedFolder; readonly entriesBefore: number }[] = [];

  /** @param entriesBefore how many of the project's listed entries are before the folder in the order of the tree */
  add(folder: UnlistedFolder, entriesBefore: number): void {
    this.#folders.push({ folder, entriesBefore });
  }

  find(id: string): TaskEntry[] {
    return this.#folders.flatMap(({ folder }) => findUnlisted(folder, id).map((task) => toEntry(task, UNREAD)));
  }

  among(listed: readonly TaskEntry[]): TaskEntry[] {
    const parts: (readonly TaskEntry[])[] = [];
    let from = 0;
    for (const { folder, entriesBefore } of this.#folders) {
      parts.push(
        listed.slice(from, entriesBefore),
        listUnlisted(folder).map((task) => toEntry(task, UNREAD)),
      );
      from = entriesBefore;
    }
    return [...parts, listed.slice(from)].flat();
  }
}

function toEntry({ id, state, path, blob, mode, location }: FoundTask, reading: Reading): TaskEntry {
  return { key: { project: location.project, id }, state, path, blob, mode, location, reading };
}

function nameOfClaim({ state, location, id }: FoundTask, reading: Reading): string {
  const claim = state === 'claimed' && reading.kind === 'read' ? reading.task.claim : undefined;
  return claim?.claimedBy === undefined
    ? ''
    : claimName(claim.claimedBy, { project: location.project, id }, claim.claimId);
}
