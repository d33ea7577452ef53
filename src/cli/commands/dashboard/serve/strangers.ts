import { type Ends, userOfPeer } from '../../../../machine/peer-user.ts';

/** Connections of other users of this machine, which can all reach its own address. Only Linux says whose they are. */
export class Strangers {
  readonly #connections = new WeakSet<Ends>();
  readonly #said = new Set<number>();
  readonly #onStranger: (user: number) => void;

  /** @param onStranger called once for each of them */
  constructor(onStranger: (user: number) => void) {
    this.#onStranger = onStranger;
  }

  /** Call it for each new connection. */
  meet(connection: Ends): void {
    const user = userOfPeer(connection);
    if (user === undefined || isTrusted(user)) return;
    this.#connections.add(connection);
    if (this.#said.has(user)) return;
    this.#said.add(user);
    this.#onStranger(user);
  }

  /** Whether the connection is one of theirs. */
  has(connection: Ends): boolean {
    return this.#connections.has(connection);
  }
}

/** This user, and whoever may do everything anyway; what comes through a forwarded port may be root's. */
function isTrusted(user: number): boolean {
  return user === 0 || user === process.getuid?.();
}
