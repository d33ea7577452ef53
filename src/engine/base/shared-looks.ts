import type { Clock } from '../../domain/base/clock.ts';
import type { Look } from '../../git/answers/look.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';

/** How long (ms) a look may be handed on: after that, the branch has likely moved, and a push would be lost. */
const FRESH_MS = 1_000;

/** A look at one branch that also showed others. */
interface Offered {
  readonly branchRef: string;
  readonly prefixes: readonly string[];
  readonly look: Look;
  readonly at: number;
}

/**
 * A look at several branches is also the look of the transaction that follows on one of them: one question to the
 * remote instead of two. It is handed on once, and only while it is fresh. A push is leased on what it showed.
 */
export class SharedLooks {
  readonly #clock: Clock;
  #offered: Offered | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Offers a look to whoever looks next. */
  offer(branchRef: string, prefixes: readonly string[], look: Look): void {
    this.#offered = { branchRef, prefixes, look, at: this.#clock.now() };
  }

  /** The upstream, except that a look may be one that was offered. */
  over(upstream: Upstream): Upstream {
    return {
      ...upstream,
      look: async (branchRef, prefixes, options) =>
        this.#take(branchRef, prefixes) ?? upstream.look(branchRef, prefixes, options),
    };
  }

  #take(branchRef: string, prefixes: readonly string[]): Look | undefined {
    const offered = this.#offered;
    this.#offered = undefined;
    if (offered === undefined || this.#clock.now() - offered.at > FRESH_MS || offered.look.unread) return undefined;
    const shown = [offered.branchRef, ...offered.prefixes];
    if (![branchRef, ...prefixes].every((name) => shown.some((one) => name.startsWith(one)))) return undefined;
    const { tip, refs: others } = offered.look;
    const all = new Map(others);
    if (tip !== undefined) all.set(offered.branchRef, tip);
    const refs = [...all].filter(([ref]) => ref !== branchRef && prefixes.some((prefix) => ref.startsWith(prefix)));
    return { tip: all.get(branchRef), refs: new Map(refs) };
  }
}
