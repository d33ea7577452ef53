import type { Clock } from '../../domain/base/clock.ts';
import type { FollowNotice, Queue } from '../queue/queue.ts';

export interface CheckoutFollowerParts {
  readonly queue: Pick<Queue, 'follow'>;
  readonly clock: Clock;
  /**
   * What a command waits for until it starts. `checkout`: until the checkout shows its claim. `moment`: the same, but
   * only for {@link MOMENT_MS}. `nothing`: it starts at once.
   */
  readonly startsAfter: 'checkout' | 'moment' | 'nothing';
  /** Called once for each cause, however many commits it concerns. */
  onSkipped(reason: string): void;
}

/** How long (ms) a command waits that starts after a `moment`. */
export const MOMENT_MS = 2_000;

/**
 * If no command waits for it, the checkout rests this many times as long as it took to follow, so that it takes at
 * most a fifth of a core. Without the rest, 200 agents kept one git after another busy with it.
 */
const REST = 4;

/** Longest rest (ms). */
const LONGEST_REST_MS = 5_000;

/** Commits that the checkout will follow together. */
interface Batch {
  readonly commits: string[];
  readonly done: Promise<void>;
  settle(): void;
}

/**
 * Lets a checkout follow what the agents of a process push. While it follows, or rests, further commits gather, and
 * then only the newest of them is followed.
 */
export class CheckoutFollower {
  readonly #parts: CheckoutFollowerParts;
  /** What is to be followed next; undefined if nothing has gathered. */
  #next: Batch | undefined;
  #running: Promise<void> | undefined;
  /** Aborted when there is no time to rest any more. */
  #hurry = new AbortController();
  #restsUntil = 0;
  readonly #said = new Set<string>();

  constructor(parts: CheckoutFollowerParts) {
    this.#parts = parts;
  }

  /** A commit of this process is on the branch: the checkout will show it. */
  pushed(commit: string): void {
    this.#gather(commit);
  }

  /** The same for a claim. Resolves when its command may start. Never rejects. */
  async claimed(commit: string): Promise<void> {
    const { startsAfter, clock } = this.#parts;
    const { done } = this.#gather(commit);
    if (startsAfter === 'nothing') return;
    if (startsAfter === 'checkout') return done;
    const over = new AbortController();
    await Promise.race([done, clock.sleep(MOMENT_MS, over.signal).catch(() => undefined)]);
    over.abort();
  }

  /** Resolves when everything so far has been followed, without any rest. Never rejects. */
  async settled(): Promise<void> {
    this.#hurry.abort();
    await this.#running;
  }

  #gather(commit: string): Batch {
    this.#next ??= newBatch();
    this.#next.commits.push(commit);
    const batch = this.#next;
    this.#running ??= this.#run();
    return batch;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    while (this.#next !== undefined) {
      const batch = await this.#rested(this.#next);
      this.#next = undefined;
      const startedAt = clock.now();
      this.#tell(await this.#follow(batch.commits));
      const endedAt = clock.now();
      this.#restsUntil = endedAt + Math.min((endedAt - startedAt) * REST, LONGEST_REST_MS);
      batch.settle();
    }
    // In the turn in which nothing was left: otherwise what comes in between would wait for the next commit.
    this.#running = undefined;
  }

  /** Meanwhile the batch still takes commits. */
  async #rested(batch: Batch): Promise<Batch> {
    const { startsAfter, clock } = this.#parts;
    const ms = Math.min(this.#restsUntil - clock.now(), LONGEST_REST_MS);
    if (startsAfter === 'nothing' && ms > 0) await clock.sleep(ms, this.#hurry.signal).catch(() => undefined);
    return batch;
  }

  #follow(commits: readonly string[]): Promise<FollowNotice> {
    return this.#parts.queue.follow(commits).catch((error: unknown) => ({
      kind: 'skipped',
      because: 'failed',
      reason: error instanceof Error ? error.message : String(error),
    }));
  }

  #tell(notice: FollowNotice): void {
    if (notice.kind === 'followed' || notice.reason === undefined || this.#said.has(notice.because)) return;
    this.#said.add(notice.because);
    this.#parts.onSkipped(notice.reason);
  }
}

function newBatch(): Batch {
  let settle = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { commits: [], done, settle: () => settle() };
}
