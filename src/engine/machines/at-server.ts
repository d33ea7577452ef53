import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import { MeetConnection } from '../../machine/meet-server/connection.ts';
import type { MeetAt } from '../../machine/meet-server/meet-server.ts';
import { Machines } from './machines.ts';
import { PushLine } from './push-line.ts';

export interface AtServerOptions {
  readonly at: MeetAt;
  /** Stands for the queue's remote, branch, and what its processes say: whoever has the same key meets. */
  readonly keyOf: (branch: string) => string;
  /** Stands for the remote alone. */
  readonly remoteKey: string;
  /** Most pushes to the remote at once. */
  readonly pushLimit: number;
  readonly clock: Clock;
  readonly random: Randomness;
  onEvent(event: QueueEvent): void;
}

/**
 * All that a process has to do with other machines at a server, for all branches of its queue: one connection, opened when
 * it is first wanted.
 */
export class AtServer {
  readonly pushLine: PushLine;
  readonly #options: AtServerOptions;
  readonly #connection: MeetConnection;
  readonly #machines = new Map<string, Machines>();

  constructor(options: AtServerOptions) {
    const { at, clock, random, remoteKey, pushLimit, onEvent } = options;
    this.#options = options;
    const onTrouble = (message: string): void => onEvent({ kind: 'warning', message });
    this.#connection = new MeetConnection({ at, clock, onTrouble });
    this.pushLine = new PushLine({ connection: this.#connection, line: remoteKey, most: pushLimit, clock, random });
  }

  /** The machines that want something of the branch. */
  on(branch: string): Machines {
    const { clock, random, keyOf, onEvent } = this.#options;
    const known = this.#machines.get(branch);
    if (known !== undefined) return known;
    const machines = new Machines({ connection: this.#connection, key: keyOf(branch), clock, random, onEvent });
    this.#machines.set(branch, machines);
    return machines;
  }

  /** Tells those whom this process has led that it goes, and ends the connection. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([...this.#machines.values()].map((machines) => machines.idle()));
    await this.#connection.close();
  }
}
