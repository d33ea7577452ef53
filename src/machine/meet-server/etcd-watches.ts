import { endWatch, METHODS, readWatch, type WatchAnswer, type Watching, watchKey } from './etcd-messages.ts';
import type { EtcdSession } from './etcd-session.ts';
import type { GrpcStream } from './grpc.ts';
import { CALL_MS, MeetServerFailure, type Stop } from './meet-server.ts';

/** What a watch tells: that a key was written, or deleted. */
export type News = WatchAnswer['news'][number];

/** A watch that was asked for. */
export interface Watch {
  /** Resolves when it tells everything from now on. Rejects with a MeetServerFailure. */
  readonly begun: Promise<void>;
  readonly stop: Stop;
}

interface Known {
  readonly onNews: (news: News) => void;
  readonly onBegun: () => void;
}

/** All watches of a session, on one stream. If one of them is ended by etcd, news are missing: the session is lost. */
export class Watches {
  readonly #session: EtcdSession;
  readonly #known = new Map<number, Known>();
  #stream: GrpcStream | undefined;
  #count = 0;

  constructor(session: EtcdSession) {
    this.#session = session;
  }

  begin(watching: Watching, onNews: (news: News) => void): Watch {
    this.#stream ??= this.#session.stream(METHODS.watch, (message) => this.#take(readWatch(message)));
    const stream = this.#stream;
    const id = ++this.#count;
    const begun = this.#session.within(
      new Promise<void>((onBegun) => {
        this.#known.set(id, { onNews, onBegun });
        stream.send(watchKey(id, watching));
      }),
      CALL_MS,
    );
    begun.catch(() => this.#known.delete(id));
    return {
      begun,
      stop: () => {
        if (this.#known.delete(id)) stream.send(endWatch(id));
      },
    };
  }

  #take({ id, is, reason, news }: WatchAnswer): void {
    const watch = this.#known.get(id);
    if (watch === undefined) return;
    if (is === 'begun') watch.onBegun();
    if (is === 'over') {
      this.#session.lose(new MeetServerFailure('refused', `${this.#session.name}: ${reason || 'a watch was ended'}`));
    }
    for (const one of news) watch.onNews(one);
  }
}
