import type { Clock } from '../../domain/base/clock.ts';
import type { MeetConnection } from '../../machine/meet-server/connection.ts';
import type { Stop } from '../../machine/meet-server/meet-server.ts';
import { isOid } from '../wire/leader-message.ts';

/** Least time (ms) between two hints: where many push, one look shows several of their commits. */
const PAUSE_MS = 200;

/**
 * Tells other machines that the branch has moved, and hears it from them. What is told is a hint: whoever hears it looks
 * for itself.
 */
export class TipNews {
  readonly #connection: MeetConnection;
  readonly #topic: string;
  readonly #clock: Clock;
  #own: string | undefined;

  constructor(connection: MeetConnection, topic: string, clock: Clock) {
    this.#connection = connection;
    this.#topic = topic;
    this.#clock = clock;
  }

  /** This process has moved the branch to the commit. */
  tell(commit: string): void {
    this.#own = commit;
    void this.#connection.use((server) => server.publish(this.#topic, commit));
  }

  /** Calls back soon after others have said that the branch has moved. Says nothing if the server is away. */
  listen(onHint: () => void): Stop {
    const over = new AbortController();
    let last = '';
    let isDue = false;
    let isResting = false;
    const hint = async (): Promise<void> => {
      isDue = true;
      if (isResting) return;
      isResting = true;
      while (isDue && !over.signal.aborted) {
        isDue = false;
        onHint();
        await this.#clock.sleep(PAUSE_MS, over.signal).catch(() => undefined);
      }
      isResting = false;
    };
    const onText = (text: string): void => {
      if (text === last || text === this.#own || !isOid(text)) return;
      last = text;
      void hint();
    };
    const subscribed = this.#connection.use((server) => server.subscribe(this.#topic, onText));
    return () => {
      over.abort();
      void subscribed.then((stop) => stop?.());
    };
  }
}
