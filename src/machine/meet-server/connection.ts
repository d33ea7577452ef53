import type { Clock } from '../../domain/base/clock.ts';
import { type MeetAt, type MeetServer, MeetServerFailure } from './meet-server.ts';

/** How long (ms) a process does without a server that failed it, before it tries again. */
const AWAY_MS = 30_000;

/** What a connection needs and tells. */
export interface ConnectionOptions {
  readonly at: MeetAt;
  readonly clock: Clock;
  /** Called when the server begins to fail: once until it has been of use again. */
  onTrouble(message: string): void;
}

/**
 * This process's connection to the server, opened when it is first wanted, and shared by all that use it. A server that
 * fails is not used for a while. It is never a reason for anything to fail.
 */
export class MeetConnection {
  readonly #options: ConnectionOptions;
  #opening: Promise<MeetServer | undefined> | undefined;
  #awayUntil = Number.NEGATIVE_INFINITY;
  #hasSaid = false;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The server; undefined: it is of no use now, which has been reported. */
  open(): Promise<MeetServer | undefined> {
    if (this.#isClosed || this.#options.clock.now() < this.#awayUntil) return Promise.resolve(undefined);
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /**
   * Does something with the server; undefined if that fails, or there is none. A server that refuses one thing is left
   * alone for all others: half a meeting is worse than none.
   */
  async use<T>(work: (server: MeetServer) => Promise<T>): Promise<T | undefined> {
    const server = await this.open();
    if (server === undefined) return undefined;
    try {
      const done = await work(server);
      this.#hasSaid = false;
      return done;
    } catch (error) {
      if (!(error instanceof MeetServerFailure)) throw error;
      this.#fail(error);
      return undefined;
    }
  }

  /** The server refused something without which nobody can meet there. */
  giveUp(failure: MeetServerFailure): void {
    this.#fail(failure);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#opening)?.close();
  }

  async #open(): Promise<MeetServer | undefined> {
    try {
      const server = await this.#options.at.open();
      server.onLost((failure) => this.#fail(failure));
      return server;
    } catch (error) {
      this.#fail(
        error instanceof MeetServerFailure
          ? error
          : new MeetServerFailure('unusable', error instanceof Error ? error.message : String(error)),
      );
      return undefined;
    }
  }

  #fail({ message, kind }: MeetServerFailure): void {
    const { clock, onTrouble } = this.#options;
    const opened = this.#opening;
    this.#opening = undefined;
    this.#awayUntil = kind === 'unusable' ? Number.POSITIVE_INFINITY : clock.now() + AWAY_MS;
    void opened?.then((server) => server?.close());
    if (this.#hasSaid || this.#isClosed) return;
    this.#hasSaid = true;
    onTrouble(`${message}: agents of other machines meet at the git remote alone`);
  }
}
