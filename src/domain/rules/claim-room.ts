import { isInReview } from '../leases/staleness.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { ClaimLimit, TaskEntry } from '../queue/snapshot.ts';
import { formatKey } from '../queue/task.ts';
import { counts } from './limits.ts';
import { compileGlob, doOverlap, type Glob } from './touches.ts';

/** Something that keeps a task from being claimed while the current claims last. */
export type Obstacle =
  | {
      readonly kind: 'limit';
      readonly limit: ClaimLimit;
      /** How many claims count for it. */
      readonly claimed: number;
    }
  /** A claimed task that may change the same files. */
  | { readonly kind: 'touches'; readonly other: TaskEntry; readonly glob: string };

/** What is in the way, as messages name it: `limit total (20 of 20 claimed)`, `auth/T-1 (touches src/auth/**)`. */
export function describeObstacle(obstacle: Obstacle): string {
  if (obstacle.kind === 'touches') return `${formatKey(obstacle.other.key)} (touches ${obstacle.glob})`;
  const { limit, claimed } = obstacle;
  return `limit ${limit.name} (${claimed} of ${limit.most} claimed)`;
}

/** Whether the claim has a part in the obstacle. */
export function isPartOf(obstacle: Obstacle, entry: TaskEntry): boolean {
  if (obstacle.kind === 'touches') return formatKey(obstacle.other.key) === formatKey(entry.key);
  return isCounted(entry) && counts(obstacle.limit, entry);
}

/** Work that waits for its review occupies nobody. Its changes are still to come. */
function isCounted(entry: TaskEntry): boolean {
  return entry.state === 'claimed' && !isInReview(entry);
}

/** What may be claimed while the current claims last. It is told about each claim that comes or goes. */
export class ClaimRoom {
  readonly #state: QueueState;
  #claims: Claims | undefined;
  /** Whether two globs overlap, by both texts: a pool has few different ones. */
  readonly #overlaps = new Map<string, boolean>();
  readonly #compiled = new Map<string, Glob>();

  /** @param state counted when it is first asked about: what was decided before then counts */
  constructor(state: QueueState) {
    this.#state = state;
  }

  /** Why the task cannot be claimed now; undefined: it can. A task that is claimed already is not in its own way. */
  obstacle(entry: TaskEntry): Obstacle | undefined {
    const own = touchesOf(entry);
    if (own.length === 0 && this.#state.settings.limits.length === 0) return undefined;
    const { counted, touched } = this.#known();
    for (const [limit, all] of counted) {
      if (!counts(limit, entry)) continue;
      const claimed = isCounted(entry) ? all - 1 : all;
      if (claimed >= limit.most) return { kind: 'limit', limit, claimed };
    }
    for (const [glob, holders] of touched) {
      const other = holders.find((holder) => formatKey(holder.key) !== formatKey(entry.key));
      if (other !== undefined && own.some((one) => this.#doOverlap(one, glob))) return { kind: 'touches', other, glob };
    }
    return undefined;
  }

  /** How many claims count for each limit of the pool, in the order of the settings. */
  limits(): readonly { readonly limit: ClaimLimit; readonly claimed: number }[] {
    return [...this.#known().counted].map(([limit, claimed]) => ({ limit, claimed }));
  }

  /** The task is claimed from now on. */
  add(entry: TaskEntry): void {
    // If nobody has asked yet, it is counted when somebody does.
    if (this.#claims !== undefined) include(this.#claims, entry);
  }

  /** Its claim is gone. @param entry the task as it was claimed */
  remove(entry: TaskEntry): void {
    if (this.#claims === undefined) return;
    const { counted, touched } = this.#claims;
    countIn(counted, entry, -1);
    const isOther = (holder: TaskEntry): boolean => formatKey(holder.key) !== formatKey(entry.key);
    for (const [glob, holders] of touched) touched.set(glob, holders.filter(isOther));
  }

  #known(): Claims {
    if (this.#claims !== undefined) return this.#claims;
    const { limits } = this.#state.settings;
    const claims: Claims = { counted: new Map(limits.map((limit) => [limit, 0])), touched: new Map() };
    for (const entry of this.#state.inState('claimed')) include(claims, entry);
    this.#claims = claims;
    return claims;
  }

  #doOverlap(one: string, other: string): boolean {
    const pair = `${one}\n${other}`;
    const known = this.#overlaps.get(pair);
    if (known !== undefined) return known;
    const answer = doOverlap(this.#compile(one), this.#compile(other));
    this.#overlaps.set(pair, answer);
    return answer;
  }

  #compile(glob: string): Glob {
    const compiled = this.#compiled.get(glob) ?? compileGlob(glob);
    this.#compiled.set(glob, compiled);
    return compiled;
  }
}

interface Claims {
  readonly counted: Map<ClaimLimit, number>;
  /** Who may change what, by glob. */
  readonly touched: Map<string, readonly TaskEntry[]>;
}

function include({ counted, touched }: Claims, entry: TaskEntry): void {
  countIn(counted, entry, 1);
  for (const glob of touchesOf(entry)) touched.set(glob, [...(touched.get(glob) ?? []), entry]);
}

/** A claim comes (1) or goes (-1). */
function countIn(counted: Claims['counted'], entry: TaskEntry, by: 1 | -1): void {
  if (!isCounted(entry)) return;
  for (const [limit, count] of counted) if (counts(limit, entry)) counted.set(limit, count + by);
}

function touchesOf({ reading }: TaskEntry): readonly string[] {
  return (reading.kind === 'read' ? reading.task.touches : undefined) ?? [];
}
