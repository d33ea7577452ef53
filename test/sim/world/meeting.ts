import type { VirtualTime } from '../../../lab/model/virtual-time.ts';
import type { Channel, Leadership, Meeting, Met } from '../../../src/machine/meeting.ts';
import type { SimProcess } from './process.ts';

/** How long (ms) until a process that runs reads what has come. */
const WAKE_MS = 1;

/** How long (ms) a place is avoided whose leader says nothing, or nothing that is understood: as `src/machine` has it. */
const AVOIDED_MS = 60_000;

/** Places of one key, one after the other: as `src/machine` has it. */
const PLACES = 3;

/** A place of one machine where processes meet: who leads, and the followers that its system keeps for it. */
interface Place {
  readonly leader: SimProcess;
  readonly accept: (channel: End) => void;
}

/**
 * The meeting places of one machine, with what the port guarantees: what was sent before the sender died is still read,
 * and a suspended process finds its connections and messages waiting.
 */
export class MeetingPlaces {
  readonly #time: VirtualTime;
  readonly #places = new Map<string, Place>();
  /** How often anybody came here, by process. */
  readonly meetings = new Map<string, number>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** The port as one process has it. */
  for(process: SimProcess): Meeting {
    const avoided = new Map<string, number>();
    return { meet: (key, onPeer) => this.#meet(process, avoided, key, onPeer) };
  }

  async #meet(
    process: SimProcess,
    avoided: Map<string, number>,
    key: string,
    onPeer: (follower: Channel) => void,
  ): Promise<Met> {
    this.meetings.set(process.name, (this.meetings.get(process.name) ?? 0) + 1);
    await process.receive(this.#time.sleep(WAKE_MS));
    if (!process.machine.meets) return { kind: 'alone', reason: 'there is no folder to meet in' };
    const where = Array.from({ length: PLACES }, (_, index) => `${key} ${index}`).find(
      (one) => this.#time.now() >= (avoided.get(one) ?? 0),
    );
    if (where === undefined) return { kind: 'alone', reason: 'those who lead are silent, or of another version' };
    const place = this.#places.get(where);
    if (place === undefined) return this.#lead(process, where, onPeer);
    const [here, there] = connect(this.#time, process, place.leader);
    here.onAvoid = () => avoided.set(where, this.#time.now() + AVOIDED_MS);
    place.accept(there);
    return { kind: 'follow', leader: here };
  }

  #lead(process: SimProcess, key: string, onPeer: (follower: Channel) => void): Leadership {
    const followers = new Set<End>();
    let handedOver = 0;
    const ends: End[] = [];
    const handOver = (): void => {
      for (const end of ends.slice(handedOver)) onPeer(end);
      handedOver = ends.length;
    };
    const place: Place = {
      leader: process,
      accept: (end) => {
        followers.add(end);
        ends.push(end);
        void this.#time.sleep(WAKE_MS).then(() => process.deliver(handOver));
      },
    };
    this.#places.set(key, place);
    const leave = (): void => {
      if (this.#places.get(key) === place) this.#places.delete(key);
    };
    process.onDeath(leave);
    return {
      kind: 'lead',
      leave,
      caughtUp: async () => {
        await process.receive(this.#time.sleep(WAKE_MS));
        handOver();
        for (const end of followers) end.read();
      },
    };
  }
}

/** What two ends share: who has closed, and when nothing more arrives. */
function connect(time: VirtualTime, a: SimProcess, b: SimProcess): [End, End] {
  const here = new End(time, a);
  const there = new End(time, b);
  here.join(there);
  there.join(here);
  return [here, there];
}

type Mail = { readonly kind: 'message'; readonly message: unknown } | { readonly kind: 'closed' };

/** One end of a connection. */
class End implements Channel {
  readonly peers = 'same-user' as const;
  readonly #time: VirtualTime;
  readonly #process: SimProcess;
  #other: End | undefined;
  readonly #inbox: Mail[] = [];
  #receive: ((message: unknown) => void) | undefined;
  readonly #onClose: (() => void)[] = [];
  /** Nothing is taken in or sent any more. */
  #isShut = false;
  /** `onClose` has been told, or will be in this very turn. */
  #isOver = false;

  constructor(time: VirtualTime, process: SimProcess) {
    this.#time = time;
    this.#process = process;
    process.onDeath(() => this.#shut());
  }

  join(other: End): void {
    this.#other = other;
  }

  async send(message: object): Promise<'sent' | 'gone'> {
    const text = JSON.stringify(message);
    const other = this.#other;
    if (this.#isShut || other === undefined || !other.put({ kind: 'message', message: JSON.parse(text) }))
      return 'gone';
    return 'sent';
  }

  onMessage(receive: (message: unknown) => void): void {
    this.#receive = receive;
    this.#wake();
  }

  onClose(closed: () => void): void {
    if (this.#isOver) void this.#time.sleep(0).then(() => this.#process.deliver(closed));
    else this.#onClose.push(closed);
  }

  async leave(how?: 'avoid'): Promise<void> {
    if (how === 'avoid') this.onAvoid();
    if (this.#isShut) return;
    this.#shut();
    await this.#process.receive(this.#time.sleep(0));
    this.read();
    this.#over();
  }

  /** Set by whoever follows: from now on it meets elsewhere. */
  onAvoid: () => void = () => undefined;

  avoid(): void {
    this.onAvoid();
    this.close();
  }

  close(): void {
    if (this.#isOver) return;
    this.#shut();
    this.#inbox.length = 0;
    void this.#time.sleep(0).then(() => this.#process.deliver(() => this.#over()));
  }

  /** @returns false where this end takes nothing any more */
  put(mail: Mail): boolean {
    if (this.#isShut) return false;
    this.#inbox.push(mail);
    this.#wake();
    return true;
  }

  /** Reads everything that has come. */
  read(): void {
    while (!this.#isOver) {
      const [mail] = this.#inbox;
      if (mail === undefined || (mail.kind === 'message' && this.#receive === undefined)) return;
      this.#inbox.shift();
      if (mail.kind === 'message') this.#receive?.(mail.message);
      else {
        this.#shut();
        this.#over();
      }
    }
  }

  #wake(): void {
    void this.#time.sleep(WAKE_MS).then(() => this.#process.deliver(() => this.read()));
  }

  #shut(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    this.#other?.put({ kind: 'closed' });
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const closed of this.#onClose.splice(0)) closed();
  }
}
