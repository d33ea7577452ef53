import type { Clock } from '../../../domain/base/clock.ts';
import { formatKey, type TaskKey } from '../../../domain/queue/task.ts';
import type { Session } from './session.ts';

/** Most subscriptions of a client: it can hold 50 tasks, and there is one board. */
const MOST = 100;

/** Pause (ms) after an update, and before the queue is looked at again after trouble. */
const REST_MS = 1_000;
const AFTER_TROUBLE_MS = 30_000;

export interface SubscriptionsOptions {
  readonly clock: Clock;
  onUpdated(uri: string): void;
}

/** The resources that a client has subscribed to. As long as there are any, the branch is watched. */
export class Subscriptions {
  readonly #session: Session;
  readonly #options: SubscriptionsOptions;
  readonly #uris = new Set<string>();
  #watching: AbortController | undefined;

  constructor(session: Session, options: SubscriptionsOptions) {
    this.#session = session;
    this.#options = options;
  }

  add(uri: string): void {
    if (this.#uris.size >= MOST) return;
    this.#uris.add(uri);
    if (this.#watching !== undefined) return;
    this.#watching = new AbortController();
    void this.#watch(this.#watching.signal).catch(() => undefined);
  }

  remove(uri: string): void {
    this.#uris.delete(uri);
    if (this.#uris.size === 0) this.close();
  }

  /** Something happened to this task that the branch need not show. */
  changed(task: TaskKey): void {
    for (const uri of this.#uris) if (uri.endsWith(`/${formatKey(task)}`)) this.#options.onUpdated(uri);
  }

  close(): void {
    this.#watching?.abort();
    this.#watching = undefined;
  }

  async #watch(over: AbortSignal): Promise<void> {
    const { clock, onUpdated } = this.#options;
    while (!over.aborted) {
      try {
        await this.#session.moved(over);
        // The client finds out what a commit changes when it reads: most clients subscribe to one or two resources.
        for (const uri of this.#uris) onUpdated(uri);
        await clock.sleep(REST_MS, over);
      } catch {
        await clock.sleep(AFTER_TROUBLE_MS, over);
      }
    }
  }
}
