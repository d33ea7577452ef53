import { compareNatural } from '../queue/ordering.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey } from '../queue/task.ts';
import type { ClaimRoom } from '../rules/claim-room.ts';

/** What the current claims keep from being claimed. */
export interface HeldBack {
  /** The limits of the pool, in the order of the settings, also those that have room. */
  readonly limits: readonly LimitStats[];
  /** Claimed tasks that may change the same files as ready ones, in natural order. */
  readonly touches: readonly TouchStats[];
}

export interface LimitStats {
  readonly limit: string;
  /** Claims that count for it. */
  readonly claimed: number;
  readonly most: number;
  /** Ready tasks that it keeps from being claimed now. */
  readonly holdsBack: number;
}

export interface TouchStats {
  /** `project/TASK-ID` of the claimed task. */
  readonly task: string;
  readonly glob: string;
  readonly holdsBack: number;
}

/** Counts the ready tasks that something is in the way of, each for the first thing that is. */
export class HeldBackCounts {
  readonly #room: ClaimRoom;
  readonly #byLimit = new Map<string, number>();
  readonly #byTask = new Map<string, TouchStats>();

  constructor(room: ClaimRoom) {
    this.#room = room;
  }

  /** @param entry a task that could be claimed if it were alone */
  ask(entry: TaskEntry): void {
    const obstacle = this.#room.obstacle(entry);
    if (obstacle === undefined) return;
    if (obstacle.kind === 'limit') {
      const { name } = obstacle.limit;
      this.#byLimit.set(name, (this.#byLimit.get(name) ?? 0) + 1);
      return;
    }
    const [task, { glob }] = [formatKey(obstacle.other.key), obstacle];
    const holdsBack = (this.#byTask.get(`${task} ${glob}`)?.holdsBack ?? 0) + 1;
    this.#byTask.set(`${task} ${glob}`, { task, glob, holdsBack });
  }

  /** @param project leaves out the limits of other projects */
  result(project?: string): HeldBack {
    const concerns = this.#room.limits().filter(({ limit: { of } }) => {
      return project === undefined || of.kind !== 'project' || of.project === project;
    });
    return {
      limits: concerns.map(({ limit: { name, most }, claimed }) => {
        return { limit: name, claimed, most, holdsBack: this.#byLimit.get(name) ?? 0 };
      }),
      touches: [...this.#byTask.values()].sort((a, b) => compareNatural(a.task, b.task)),
    };
  }
}
