import type { VirtualTime } from '../../../lab/model/virtual-time.ts';
import {
  CALL_MS,
  type Election,
  type MeetAt,
  type MeetServer,
  MeetServerFailure,
  type Stop,
  type Term,
} from '../../../src/machine/meet-server/meet-server.ts';
import type { MeetServerSpec } from '../spec.ts';
import { type SimProcess, START } from './process.ts';

/** Pause (ms) between two looks at who holds a place. */
const WATCH_MS = 700;

interface Listener {
  readonly connection: Connection;
  onText(text: string): void;
}

/** A Redis or an etcd in memory: slow, away, cut off from some, and as forgetful as the spec says. */
export class SimMeetServer {
  readonly time: VirtualTime;
  readonly spec: MeetServerSpec;
  readonly #chance: () => number;
  #places = new Map<string, { readonly term: Term; readonly until: number }>();
  #terms = new Map<string, number>();
  readonly topics = new Map<string, Set<Listener>>();
  /** Who stands in a line, in order, and until when. */
  #lines = new Map<string, Map<string, number>>();

  constructor(time: VirtualTime, spec: MeetServerSpec, chance: () => number) {
    this.time = time;
    this.spec = spec;
    this.#chance = chance;
    for (const at of spec.forgets ?? []) {
      void time.sleep(at).then(() => {
        this.#places = new Map();
        this.#terms = new Map();
        this.#lines = new Map();
      });
    }
  }

  /** How a process gets here. */
  for(process: SimProcess): MeetAt {
    return {
      name: 'meet',
      open: async () => {
        const connection = new Connection(this, process);
        await connection.call(() => undefined);
        return connection;
      },
    };
  }

  /** Whether the process is answered at this moment. */
  reaches({ machine }: SimProcess): boolean {
    const at = this.time.now() - START;
    const { away = [], cut = [] } = this.spec;
    const isIn = ({ from, to }: { readonly from: number; readonly to: number }): boolean => at >= from && at < to;
    return !away.some(isIn) && !cut.some((one) => `m${one.machine + 1}` === machine.name && isIn(one.span));
  }

  loses(): boolean {
    return this.#chance() < (this.spec.loss ?? 0);
  }

  holder(place: string): Term | undefined {
    const held = this.#places.get(place);
    return held !== undefined && held.until > this.time.now() ? held.term : undefined;
  }

  hold(place: string, term: Term, ttlMs: number): void {
    this.#places.set(place, { term, until: this.time.now() + ttlMs });
  }

  nextTerm(place: string, holder: string): Term {
    const token = (this.#terms.get(place) ?? 0) + 1;
    this.#terms.set(place, token);
    return { token, holder };
  }

  free(place: string): void {
    this.#places.delete(place);
  }

  stand(line: string, who: string, most: number, ttlMs: number): 'turn' | 'wait' {
    const now = this.time.now();
    const standing = [...(this.#lines.get(line) ?? [])].filter(([one, until]) => one === who || until > now);
    this.#lines.set(line, new Map(standing).set(who, now + ttlMs));
    return [...(this.#lines.get(line) ?? [])].findIndex(([one]) => one === who) < most ? 'turn' : 'wait';
  }

  leaveLine(line: string, who: string): void {
    this.#lines.get(line)?.delete(who);
  }
}

/** One process's connection. */
class Connection implements MeetServer {
  readonly name = 'meet';
  readonly #server: SimMeetServer;
  readonly #process: SimProcess;
  readonly #own = new Map<Listener, Set<Listener>>();
  #lost: MeetServerFailure | undefined;
  readonly #onLost = new Set<(failure: MeetServerFailure) => void>();
  readonly #over = new AbortController();

  constructor(server: SimMeetServer, process: SimProcess) {
    this.#server = server;
    this.#process = process;
    process.onDeath(() => this.#forget());
  }

  /** Asks the server, whose answer takes its time or never comes. */
  async call<T>(work: () => T): Promise<T> {
    const { time, spec } = this.#server;
    if (this.#lost) throw this.#lost;
    await time.sleep(spec.latencyMs);
    if (!this.#server.reaches(this.#process)) {
      await this.#process.receive(time.sleep(CALL_MS - spec.latencyMs));
      throw this.#lose();
    }
    const answer = work();
    await this.#process.receive(time.sleep(spec.latencyMs));
    if (this.#lost) throw this.#lost;
    return answer;
  }

  elect(place: string, holder: string, ttlMs: number): Promise<Election> {
    return this.call(() => {
      const held = this.#server.holder(place);
      if (held !== undefined) return { kind: 'taken', term: held };
      const term = this.#server.nextTerm(place, holder);
      this.#server.hold(place, term, ttlMs);
      return { kind: 'elected', term };
    });
  }

  renew(place: string, { holder }: Term, ttlMs: number): Promise<'held' | 'lost'> {
    return this.call(() => {
      const held = this.#server.holder(place);
      if (held?.holder !== holder) return 'lost';
      this.#server.hold(place, held, ttlMs);
      return 'held';
    });
  }

  resign(place: string, { holder }: Term): Promise<void> {
    return this.call(() => {
      if (this.#server.holder(place)?.holder === holder) this.#server.free(place);
    });
  }

  watch(place: string, onHolder: (term: Term | undefined) => void): () => void {
    const over = new AbortController();
    const look = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const held = await this.call(() => this.#server.holder(place));
        if (!over.signal.aborted) onHolder(held);
        await this.#process.clock.sleep(WATCH_MS, AbortSignal.any([over.signal, this.#over.signal]));
      }
    };
    look().catch(() => undefined);
    return () => over.abort();
  }

  publish(topic: string, text: string): Promise<'sent' | 'unheard'> {
    const { time, spec } = this.#server;
    return this.call(() => {
      const listeners = [...(this.#server.topics.get(topic) ?? [])];
      for (const listener of listeners) {
        const { connection } = listener;
        if (this.#server.loses() || !this.#server.reaches(connection.#process)) continue;
        void time.sleep(spec.latencyMs).then(() =>
          connection.#process.deliver(() => {
            if (connection.#own.has(listener)) listener.onText(text);
          }),
        );
      }
      return listeners.length === 0 && spec.knowsListeners !== false ? 'unheard' : 'sent';
    });
  }

  subscribe(topic: string, onText: (text: string) => void): Promise<() => void> {
    const listener: Listener = { connection: this, onText };
    return this.call(() => {
      const listeners = this.#server.topics.get(topic) ?? new Set();
      this.#server.topics.set(topic, listeners.add(listener));
      this.#own.set(listener, listeners);
      return () => {
        listeners.delete(listener);
        this.#own.delete(listener);
      };
    });
  }

  stand(line: string, who: string, most: number, ttlMs: number): Promise<'turn' | 'wait'> {
    return this.call(() => this.#server.stand(line, who, most, ttlMs));
  }

  leaveLine(line: string, who: string): Promise<void> {
    return this.call(() => this.#server.leaveLine(line, who));
  }

  onLost(lost: (failure: MeetServerFailure) => void): Stop {
    const known = this.#lost;
    if (known === undefined) this.#onLost.add(lost);
    else queueMicrotask(() => lost(known));
    return () => this.#onLost.delete(lost);
  }

  async close(): Promise<void> {
    this.#forget();
  }

  #lose(): MeetServerFailure {
    const failure = this.#lost ?? new MeetServerFailure('away', 'meet: no answer');
    if (this.#lost === undefined) {
      this.#lost = failure;
      for (const lost of this.#onLost) queueMicrotask(() => lost(failure));
      this.#onLost.clear();
    }
    this.#forget();
    return failure;
  }

  #forget(): void {
    this.#over.abort();
    for (const [listener, listeners] of this.#own) listeners.delete(listener);
    this.#own.clear();
  }
}
