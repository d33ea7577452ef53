import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** What trying to be the only listener on a path came to. */
export type Listening =
  | { readonly kind: 'listening'; readonly server: Server }
  /** Somebody alive listens there. */
  | { readonly kind: 'taken' }
  /** No socket can be made there: no permission, no space, a file system without sockets. */
  | { readonly kind: 'impossible'; readonly reason: string };

/**
 * Listens on a path that only one living process can hold: `bind` is atomic, and a process that dies, however it dies,
 * stops listening. A socket file that a killed process left behind is taken over.
 */
export async function listenExclusively(path: string, onConnection: (socket: Socket) => void): Promise<Listening> {
  for (let tries = 0; tries < 3; tries++) {
    const result = await listen(path, onConnection);
    if (result.kind !== 'in-use') return result;
    if (await isAlive(path)) return { kind: 'taken' };
    await takeAway(path);
  }
  return { kind: 'taken' };
}

/** @returns an open connection, or undefined where nobody listens. */
export function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}

async function isAlive(path: string): Promise<boolean> {
  const socket = await connect(path);
  socket?.destroy();
  return socket !== undefined;
}

/**
 * Removes a dead socket. Between our look and the removal another process may have bound the path anew, so it is moved
 * aside first and put back where it turns out to be alive.
 */
async function takeAway(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
    if (await isAlive(aside)) await rename(aside, path);
    else await rm(aside, { force: true });
  } catch {
    // Another process was faster: the next try sees what it left.
  }
}

type Bound = Exclude<Listening, { kind: 'taken' }> | { readonly kind: 'in-use' };

function listen(path: string, onConnection: (socket: Socket) => void): Promise<Bound> {
  return new Promise((resolve) => {
    const server = createServer(onConnection);
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRINUSE' ? { kind: 'in-use' } : { kind: 'impossible', reason: error.message });
    });
    server.listen(path, () => {
      server.removeAllListeners('error');
      // A server that can accept no more connections is one that nobody follows: not a reason to crash.
      server.on('error', () => undefined);
      resolve({ kind: 'listening', server });
    });
  });
}
