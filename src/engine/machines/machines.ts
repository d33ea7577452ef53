import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import { MeetConnection } from '../../machine/meet-server/connection.ts';
import type { MeetAt } from '../../machine/meet-server/meet-server.ts';
import { serverMeeting } from '../../machine/meet-server/server-meeting.ts';
import { TipNews } from './tip-news.ts';
import { Together, type TogetherOptions } from './together.ts';

/** What meeting other machines needs. */
export interface MachinesOptions {
  readonly at: MeetAt;
  /** Stands for the queue and for what its processes say: whoever has the same key meets. */
  readonly key: string;
  readonly clock: Clock;
  readonly random: Randomness;
  onEvent(event: QueueEvent): void;
}

/** All that a process has to do with other machines at a server: one connection, opened when it is first wanted. */
export class Machines {
  readonly news: TipNews;
  readonly #options: MachinesOptions;
  readonly #connection: MeetConnection;
  readonly #together: Together[] = [];

  constructor(options: MachinesOptions) {
    const { at, clock, key, onEvent } = options;
    this.#options = options;
    const onTrouble = (message: string): void => onEvent({ kind: 'warning', message });
    this.#connection = new MeetConnection({ at, clock, onTrouble });
    this.news = new TipNews(this.#connection, `${key}:tips`, clock);
  }

  /**
   * Carries intents out together with other machines.
   * @param what names what they want: machines that want different things do not meet
   */
  together(what: string, parts: Omit<TogetherOptions, 'meet' | 'clock' | 'onEvent'>): Together {
    const { clock, random, key, onEvent } = this.#options;
    const { meet } = serverMeeting({ connection: this.#connection, clock, random });
    const together = new Together({ ...parts, meet: (onPeer) => meet(`${key}:${what}`, onPeer), clock, onEvent });
    this.#together.push(together);
    return together;
  }

  /** Tells those whom this process has led that it goes, and ends the connection. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#together.map((one) => one.idle()));
    await this.#connection.close();
  }
}
