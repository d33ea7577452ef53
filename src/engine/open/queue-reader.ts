import type { QueueEvent } from '../../domain/base/event.ts';
import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import type { CommitFacts } from '../../domain/past/activity.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import type { ThreeTexts } from '../../git/editing/merge-file.ts';
import { resolveCommit } from '../../git/repository/revision.ts';
import { type EventStore, type LoggedCommit, openEventStore } from '../../store/event-store.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import type { Code } from '../queue/code.ts';
import type {
  PastOptions,
  Reader,
  RecordRange,
  SnapshotOptions,
  Standing,
  WatchedEvent,
  WatchOptions,
} from '../queue/reader.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tips } from '../queue/tips.ts';
import { lookAtTip, readSnapshot, readTip } from '../transaction/tip.ts';
import { lookBack } from '../waiting/looking-back.ts';
import type { Told } from '../waiting/told.ts';
import { watchQueue } from '../waiting/watching.ts';
import type { Carrier } from './carrier.ts';
import { CodeReader } from './code-reader.ts';
import type { Session } from './session.ts';

/** Limits the time of a read, and reports while it takes long. */
export type Bounded = <T>(work: () => Promise<T>) => Promise<T>;

/** The reading half of a queue, on git. */
export class QueueReader implements Reader {
  readonly #session: Session;
  readonly #events: EventStore;
  readonly #carrier: Carrier;
  readonly #tips: Tips;
  readonly #bounded: Bounded;
  #code: Code | undefined;

  constructor(session: Session, carrier: Carrier, tips: Tips, bounded: Bounded) {
    const { repository, upstream, objects, store } = session;
    this.#session = session;
    this.#events = openEventStore(repository, upstream, objects, store.branchRef);
    this.#carrier = carrier;
    this.#tips = tips;
    this.#bounded = bounded;
  }

  snapshot(scope: SnapshotScope, { revision, commit, unreadable, seen }: SnapshotOptions = {}): Promise<QueueSnapshot> {
    const { engine } = this.#carrier;
    const own = unreadable === 'leave' ? { ...engine, onEvent: withoutUnreadable(engine.onEvent) } : engine;
    return this.#bounded(async () => {
      if (commit !== undefined) return readSnapshot(own, commit, scope);
      if (revision === undefined) return seen === undefined ? readTip(own, scope) : readSnapshot(own, seen, scope);
      return readSnapshot(own, await resolveCommit(this.#session.repository, revision), scope);
    });
  }

  rehearse(intent: Intent): Promise<Submitted> {
    return this.#bounded(() => this.#carrier.rehearse(intent));
  }

  standing(heartbeats: readonly HeartbeatIntent[], tip: string | undefined): Promise<readonly Standing[]> {
    return this.#bounded(() => this.#carrier.standing(heartbeats, tip));
  }

  taskBytes(entry: TaskEntry): Promise<Uint8Array> {
    return this.#bounded(() => this.#session.store.taskBytes(entry));
  }

  async editor(env: Parameters<Reader['editor']>[0]): Promise<string> {
    const { editorOf } = await import('../../git/editing/editor.ts');
    return editorOf(this.#session.repository, env);
  }

  async mergeTexts(texts: ThreeTexts): Promise<Uint8Array | undefined> {
    const { mergeFile } = await import('../../git/editing/merge-file.ts');
    return mergeFile(this.#session.repository, texts);
  }

  history(from: string, limit: number): AsyncIterable<CommitFacts> {
    return this.#session.store.history(from, limit);
  }

  async *ancestors(commit: string, limit: number): AsyncGenerator<CommitFacts, void, void> {
    for await (const one of this.#session.store.history(commit, limit + 1)) if (one.oid !== commit) yield one;
  }

  async *record(newerThanMs: number | undefined, range?: RecordRange): AsyncIterable<LoggedCommit> {
    const commits = this.#recordFrom(newerThanMs, range);
    // Only the first commit takes a while: the remote is asked before it comes.
    const first = await this.#bounded(() => commits.next());
    if (first.done === true) return;
    yield first.value;
    yield* commits;
  }

  async *past(options: PastOptions): AsyncGenerator<Told> {
    const told = lookBack(this.#events, options);
    try {
      for (;;) {
        const next = await this.#bounded(() => told.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await told.return();
    }
  }

  beats(): Promise<readonly Beat[]> {
    const { remote, store } = this.#session;
    return this.#bounded(async () => (remote === undefined ? [] : store.heartbeats.read()));
  }

  get code(): Code {
    this.#code ??= new CodeReader(this.#session);
    return this.#code;
  }

  watch(options: WatchOptions): AsyncIterable<WatchedEvent> {
    const { clock, signal, store } = this.#carrier.engine;
    const branch = store.branchRef.replace('refs/heads/', '');
    return watchQueue({ events: this.#events, tips: this.#tips, clock, signal, branch }, options);
  }

  holds(tip: string, commits: readonly string[]): Promise<boolean> {
    return this.#bounded(() => this.#events.reach([tip], commits));
  }

  async *#recordFrom(newerThanMs: number | undefined, range: RecordRange | undefined): AsyncGenerator<LoggedCommit> {
    const tip = range?.tip ?? (await lookAtTip(this.#carrier.engine)).tip;
    if (range === undefined) await this.#events.fetch(tip);
    yield* this.#events.log(tip, newerThanMs, range?.after);
  }
}

function withoutUnreadable(onEvent: (event: QueueEvent) => void): (event: QueueEvent) => void {
  return (event) => {
    if (event.kind !== 'unreadable-task') onEvent(event);
  };
}
