import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { MeetConnection } from '../../machine/meet-server/connection.ts';
import { serverMeeting } from '../../machine/meet-server/server-meeting.ts';
import { TipNews } from './tip-news.ts';
import { Together, type TogetherOptions } from './together.ts';

/** What meeting other machines needs. */
export interface MachinesOptions {
  readonly connection: MeetConnection;
  /** Stands for the queue and for what its processes say: whoever has the same key meets. */
  readonly key: string;
  readonly clock: Clock;
  readonly random: Randomness;
  onEvent(event: QueueEvent): void;
}

/** The machines that want something of one branch, as they meet at a server. */
export class Machines {
  readonly news: TipNews;
  readonly #options: MachinesOptions;
  readonly #together: Together[] = [];

  constructor(options: MachinesOptions) {
    this.#options = options;
    const { connection, clock, key } = options;
    this.news = new TipNews(connection, `${key}:tips`, clock);
  }

  /**
   * Carries intents out together with other machines.
   * @param what names what they want: machines that want different things do not meet
   */
  together(what: string, parts: Omit<TogetherOptions, 'meet' | 'clock' | 'onEvent'>): Together {
    const { connection, clock, random, key, onEvent } = this.#options;
    const { meet } = serverMeeting({ connection, clock, random });
    const together = new Together({ ...parts, meet: (onPeer) => meet(`${key}:${what}`, onPeer), clock, onEvent });
    this.#together.push(together);
    return together;
  }

  /** Resolves when those whom this process has led know that it leads no more. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all(this.#together.map((one) => one.idle()));
  }
}
