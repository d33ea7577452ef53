import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port of this machine that leads to another one, and is away. `await using` closes it. */
export class DistantPort {
  /** How far away it is, ms: a connection takes that long, and data half as long in each direction. */
  roundTripMs = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#server = createServer((near) => {
      const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
      near.setNoDelay(true);
      const openAt = performance.now() + this.roundTripMs;
      this.#lead(near, far, openAt);
      this.#lead(far, near, openAt);
    });
  }

  static async before(target: number): Promise<DistantPort> {
    const port = new DistantPort(target);
    await new Promise<void>((resolve) => port.#server.listen(0, '127.0.0.1', resolve));
    return port;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Passes data on, in order, each piece when it has arrived. */
  #lead(from: Socket, to: Socket, openAt: number): void {
    this.#sockets.add(from);
    const after = (act: () => void): void => {
      setTimeout(act, Math.max(openAt - performance.now(), 0) + this.roundTripMs / 2);
    };
    from.on('data', (piece: Buffer) => after(() => to.writable && to.write(piece)));
    from.on('end', () => after(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => this.#sockets.delete(from));
  }
}
