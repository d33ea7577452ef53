import { isInReview } from '../leases/staleness.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { ClaimLimit, TaskEntry } from '../queue/snapshot.ts';
import { counts } from './limits.ts';

/** Something that keeps a task from being claimed beside the claims that there are. */
export interface Obstacle {
  readonly kind: 'limit';
  readonly limit: ClaimLimit;
  /** How many claims count for it. */
  readonly claimed: number;
}

/** What is in the way, as messages name it: `limit total (20 of 20 claimed)`. */
export function describeObstacle({ limit, claimed }: Obstacle): string {
  return `limit ${limit.name} (${claimed} of ${limit.most} claimed)`;
}

/** Whether the task would be out of the way if this claim were gone. */
export function isPartOf({ limit }: Obstacle, entry: TaskEntry): boolean {
  return isCounted(entry) && counts(limit, entry);
}

/** Work that waits for its review occupies nobody. */
function isCounted(entry: TaskEntry): boolean {
  return entry.state === 'claimed' && !isInReview(entry);
}

/** What may be claimed beside the claims that there are. It is told of each claim that comes or goes meanwhile. */
export class ClaimRoom {
  readonly #state: QueueState;
  #claimed: Map<ClaimLimit, number> | undefined;

  /** @param state counted when the first claim is decided: what was decided before then counts */
  constructor(state: QueueState) {
    this.#state = state;
  }

  /** Why the task cannot be claimed now; undefined: it can. A task that is claimed already is not in its own way. */
  obstacle(entry: TaskEntry): Obstacle | undefined {
    for (const [limit, all] of this.#counts()) {
      if (!counts(limit, entry)) continue;
      const claimed = isCounted(entry) ? all - 1 : all;
      if (claimed >= limit.most) return { kind: 'limit', limit, claimed };
    }
    return undefined;
  }

  /** The task is claimed from now on. */
  add(entry: TaskEntry): void {
    this.#change(entry, 1);
  }

  /** Its claim is gone. */
  remove(entry: TaskEntry): void {
    this.#change(entry, -1);
  }

  #change(entry: TaskEntry, by: 1 | -1): void {
    if (isInReview(entry)) return;
    // Nobody has asked yet: it is counted when somebody does.
    for (const [limit, count] of this.#claimed ?? []) if (counts(limit, entry)) this.#claimed?.set(limit, count + by);
  }

  #counts(): Map<ClaimLimit, number> {
    if (this.#claimed !== undefined) return this.#claimed;
    const { limits } = this.#state.settings;
    const claimed = new Map(limits.map((limit) => [limit, 0]));
    this.#claimed = claimed;
    if (limits.length > 0) for (const entry of this.#state.inState('claimed')) this.add(entry);
    return claimed;
  }
}
