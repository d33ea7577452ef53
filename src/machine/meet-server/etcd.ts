import type { MeetingUrl } from '../../domain/meeting/meeting-url.ts';
import type { KeyValue, Transaction, TransactionAnswer } from './etcd-messages.ts';
import { METHODS, madeBefore, range, readRange, readTransaction, transaction } from './etcd-messages.ts';
import { type EtcdOptions, EtcdSession } from './etcd-session.ts';
import { Watches } from './etcd-watches.ts';
import { type Election, type MeetServer, MeetServerFailure, MOST_BYTES, type Stop, type Term } from './meet-server.ts';

/**
 * Connects to an etcd (3.4 or later).
 * @throws MeetServerFailure within `CONNECT_MS`
 */
export async function openEtcd(url: MeetingUrl, options: EtcdOptions): Promise<MeetServer> {
  return new EtcdServer(await EtcdSession.open(url, options), url.prefix);
}

/**
 * {@link MeetServer} at an etcd. Everything that it makes hangs on a lease, which the process keeps alive as long as it is
 * connected: places and lines on one of three seconds, whatever time was asked for, and the rest on one of half a
 * minute.
 *
 * - A place is a key. A transaction makes it only if there is none. The change that made it numbers the term: etcd
<<<<<<< HEAD
 *   counts all changes, so the number only grows.
 * - A place in a line is a key below it. Those are before it that were made before it. One without a lease does not
 *   count: it would stand there forever.
 * - A listener is a key below its topic, together with a watch. A text is put into the topic's own key, if there is any
 *   listener: each watch is told about each change, also about those that are overwritten.
=======
 *   counts all changes, so the number only grows. Whoever follows needs no lease of three seconds, so we look first.
 * - Who stands in a line is a key below it. Those are before it that were made before it. One without a lease does not
 *   count: it would stand there for ever.
 * - A listener is a key below its topic, beside a watch. A text is put into the topic's own key, if there is any
 *   listener: each watch is told of each change, also of those that are overwritten.
>>>>>>> 00714a9 (Let a machine beside etcd stall for seconds without losing its conversations)
 */
class EtcdServer implements MeetServer {
  readonly name: string;
  readonly #session: EtcdSession;
  readonly #watches: Watches;
  readonly #prefix: string;
  /** Texts to one topic go one after another: calls side by side may overtake each other. */
  readonly #lines = new Map<string, Promise<unknown>>();
  #listeners = 0;

  constructor(session: EtcdSession, prefix: string) {
    this.name = session.name;
    this.#session = session;
    this.#prefix = prefix;
    this.#watches = new Watches(session);
  }

  async elect(place: string, holder: string): Promise<Election> {
    const key = this.#placeOf(place);
    const {
      found: [known],
    } = await this.#session.call(METHODS.range, range(key), readRange);
    if (known !== undefined) return { kind: 'taken', term: termOf(known) };
    const answer = await this.#makeForTerm(key, holder);
    if (answer.held) return { kind: 'elected', term: { token: answer.revision, holder } };
    const [held] = answer.found;
    if (held === undefined) throw new MeetServerFailure('refused', `${this.name}: ${key} is neither there nor not`);
    return { kind: 'taken', term: termOf(held) };
  }

  async renew(place: string, { token }: Term): Promise<'held' | 'lost'> {
    const key = this.#placeOf(place);
    return (await this.#transact({ when: { kind: 'created-at', key, revision: token } })).held ? 'held' : 'lost';
  }

  async resign(place: string, { token }: Term): Promise<void> {
    const key = this.#placeOf(place);
    await this.#transact({
      when: { kind: 'created-at', key, revision: token },
      does: { kind: 'delete', key },
    });
  }

  watch(place: string, onHolder: (term: Term | undefined) => void): Stop {
    const key = this.#placeOf(place);
    let stop: Stop | 'stopped' | undefined;
    const begin = async (): Promise<void> => {
      const { revision, found } = await this.#session.call(METHODS.range, range(key), readRange);
      if (stop === 'stopped') return;
      const [held] = found;
      onHolder(held && termOf(held));
      // What changed in between is told as well.
      const watching = { key, from: revision + 1, tells: 'everything' } as const;
      stop = this.#watches.begin(watching, ({ kind, entry }) =>
        onHolder(kind === 'put' ? termOf(entry) : undefined),
      ).stop;
    };
    // A process that cannot see who leads must not go on trusting that somebody does.
    begin().catch((error: unknown) => {
      if (error instanceof MeetServerFailure) this.#session.lose(error);
    });
    return () => {
      if (typeof stop === 'function') stop();
      stop = 'stopped';
    };
  }

  async publish(topic: string, text: string): Promise<'sent' | 'unheard'> {
    if (Buffer.byteLength(text) > MOST_BYTES) {
      throw new MeetServerFailure('unusable', 'the text is too long to be sent');
    }
    const before = this.#lines.get(topic) ?? Promise.resolve();
    const sending = before.then(() =>
      this.#transact({
        when: { kind: 'some-below', prefix: this.#listenersOf(topic) },
        does: { kind: 'put', key: this.#textOf(topic), value: text, lease: this.#session.lease },
      }),
    );
    const line = sending.catch(() => undefined);
    this.#lines.set(topic, line);
    void line.then(() => {
      if (this.#lines.get(topic) === line) this.#lines.delete(topic);
    });
    return (await sending).held ? 'sent' : 'unheard';
  }

  async subscribe(topic: string, onText: (text: string) => void): Promise<Stop> {
    const { begun, stop } = this.#watches.begin({ key: this.#textOf(topic), tells: 'puts' }, ({ entry }) =>
      onText(entry.value),
    );
    const key = `${this.#listenersOf(topic)}${this.#session.lease.toString(36)}-${++this.#listeners}`;
    try {
      // Only those who are told about everything from now on count.
      await begun;
      await this.#transact({
        when: { kind: 'created-at', key, revision: 0 },
        does: { kind: 'put', key, value: '', lease: this.#session.lease },
      });
    } catch (error) {
      stop();
      throw error;
    }
    let isStopped = false;
    return () => {
      if (isStopped) return;
      isStopped = true;
      stop();
      const leaving = {
        when: { kind: 'some-below', prefix: key },
        does: { kind: 'delete', key },
      } as const;
      this.#transact(leaving).catch(() => undefined);
    };
  }

  async stand(line: string, who: string, most: number): Promise<'turn' | 'wait'> {
    const key = `${this.#lineOf(line)}${who}`;
    const answer = await this.#makeForTerm(key, '');
    const created = answer.held ? answer.revision : answer.found[0]?.created;
    // Somebody has removed it in between: the next look makes it again.
    if (created === undefined) return 'wait';
    const before = await this.#session.call(METHODS.range, madeBefore(this.#lineOf(line), created), readRange);
    return before.found.filter(({ lease }) => lease !== 0n).length < most ? 'turn' : 'wait';
  }

  async leaveLine(line: string, who: string): Promise<void> {
    const key = `${this.#lineOf(line)}${who}`;
    await this.#transact({ when: { kind: 'some-below', prefix: key }, does: { kind: 'delete', key } });
  }

  onLost(lost: (failure: MeetServerFailure) => void): Stop {
    return this.#session.onLost(lost);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#lines.values());
    await this.#session.close();
  }

  #transact(asked: Transaction): Promise<TransactionAnswer> {
    return this.#session.call(METHODS.txn, transaction(asked), readTransaction);
  }

  /** Makes the key if there is none, or tells what is there. */
  #makeForTerm(key: string, value: string): Promise<TransactionAnswer> {
    return this.#session.forTerm((lease) =>
      this.#transact({
        when: { kind: 'created-at', key, revision: 0 },
        does: { kind: 'put', key, value, lease },
        otherwise: { kind: 'get', key },
      }),
    );
  }

  #placeOf(place: string): string {
    return `${this.#prefix}/place/${place}`;
  }

  #lineOf(line: string): string {
    return `${this.#prefix}/line/${line}/`;
  }

  #textOf(topic: string): string {
    return `${this.#prefix}/text/${topic}`;
  }

  #listenersOf(topic: string): string {
    return `${this.#prefix}/ears/${topic}/`;
  }
}

function termOf({ created, value }: KeyValue): Term {
  return { token: created, holder: value };
}
