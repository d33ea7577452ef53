import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { MeetConnection } from '../../machine/meet-server/connection.ts';

/** How long (ms) a place is kept without a word from its holder, and how often the holder says that it is there. */
const LEASE_MS = 3_000;
const RENEW_MS = LEASE_MS / 3;

/** A push that takes this long (ms) may hang: it goes on, but keeps nobody waiting any more. */
const LONGEST_MS = 15_000;

export interface PushLineOptions {
  readonly connection: MeetConnection;
  /** Stands for the remote: pushes to it stand in one line, to whatever branch. */
  readonly line: string;
  /** This many in the line may push. */
  readonly most: number;
  readonly clock: Clock;
  readonly random: Randomness;
}

/**
 * The line in which pushes of all machines stand at a server, first come, first served. It spares the remote, and
 * nothing depends on it: whoever writes there can only keep others waiting.
 */
export class PushLine {
  readonly #options: PushLineOptions;

  constructor(options: PushLineOptions) {
    this.#options = options;
  }

  get most(): number {
    return this.#options.most;
  }

  /** Stands in the line with one push. */
  join(): PlaceInLine {
    return new PlaceInLine(this.#options);
  }
}

/** The place of one push in the line. A machine that dies, or sleeps, loses it after three seconds. */
export class PlaceInLine {
  readonly #options: PushLineOptions;
  readonly #who: string;
  readonly #over = new AbortController();

  constructor(options: PushLineOptions) {
    this.#options = options;
    this.#who = options.random.id();
  }

  /**
   * One look, which also keeps the place. Once it is our turn, the place is kept until {@link leave}, but not for
   * longer than a push takes.
   * @returns `away`: the server is of no use now, which it has been within a second
   */
  async look(): Promise<'turn' | 'wait' | 'away'> {
    const state = (await this.#stand()) ?? 'away';
    if (state === 'turn') void this.#stay();
    return state;
  }

  /** The push has ended, or nobody wants it any more. */
  leave(): void {
    this.#over.abort();
    const { connection, line } = this.#options;
    void connection.use((server) => server.leaveLine(line, this.#who));
  }

  #stand(): Promise<'turn' | 'wait' | undefined> {
    const { connection, line, most } = this.#options;
    return connection.use((server) => server.stand(line, this.#who, most, LEASE_MS));
  }

  async #stay(): Promise<void> {
    const { clock } = this.#options;
    const since = clock.now();
    for (;;) {
      await clock.sleep(RENEW_MS, this.#over.signal).catch(() => undefined);
      if (this.#over.signal.aborted) return;
      if (clock.now() - since >= LONGEST_MS) return this.leave();
      // Lost after all: the push is under way, and one too many for a moment does no harm.
      if ((await this.#stand()) !== 'turn') return;
    }
  }
}
