import { createHash } from 'node:crypto';
import {
  DEFAULT_POOL_SETTINGS,
  type QueueSnapshot,
  type Reading,
  type TaskEntry,
} from '../../../src/domain/queue/snapshot.ts';
import type { TaskState } from '../../../src/domain/queue/task.ts';
import type { BlobReading } from '../../../src/git/objects/objects.ts';
import type { FoundTask } from '../../../src/store/reading/discovery.ts';
import { locationFor } from './snapshots.ts';

/** Blobs by their content, as git has them, and how many were read. */
export class Blobs {
  readonly #byId = new Map<string, Buffer>();
  read = 0;

  add(bytes: Uint8Array): string {
    const id = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    this.#byId.set(id, Buffer.from(bytes));
    return id;
  }

  async readBlobs(oids: readonly string[]): Promise<BlobReading[]> {
    this.read += oids.length;
    return oids.map((oid) => {
      const bytes = this.#byId.get(oid);
      return bytes === undefined ? { kind: 'missing' } : { kind: 'content', bytes };
    });
  }
}

/** A task file as it is found in a tree, in the `agents` layout. */
export function foundTask(place: { project: string; id: string; state: TaskState }, blob: string): FoundTask {
  const { project, id, state } = place;
  const location = locationFor(project);
  return { id, state, path: `${location.folders[state]}${id}.toon`, blob, mode: '100644', location };
}

/** The snapshot of these tasks with those readings. */
export function snapshotWith(tasks: readonly FoundTask[], readings: readonly Reading[]): QueueSnapshot {
  const names = [...new Set(tasks.map(({ location }) => location.project))];
  const entries = tasks.map(
    ({ id, location, ...task }, index): TaskEntry => ({
      key: { project: location.project, id },
      ...task,
      location,
      reading: readings[index] ?? { kind: 'unread' },
    }),
  );
  const projects = names.map((name) => ({
    name,
    locations: [locationFor(name)],
    entries: entries.filter(({ key }) => key.project === name),
    stalls: new Map<string, number>(),
  }));
  return {
    tip: 'a'.repeat(40),
    projects: new Map(projects.map((project) => [project.name, project])),
    settings: DEFAULT_POOL_SETTINGS,
    findings: [],
  };
}
