import { randomBytes } from 'node:crypto';
import { existsSync, promises as fs } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** What trying to be the only listener on a path came to. */
export type Listening =
  | { readonly kind: 'listening'; readonly server: Server }
  /** Somebody alive listens there. */
  | { readonly kind: 'taken' }
  /** No socket can be made there: no permission, no space, a file system without sockets. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** The limit of `sun_path` with its closing zero: 104 bytes on macOS, 108 on Linux. */
const MAX_PATH = 103;

/** Whether a socket can be at the path at all. Node 20 cuts a longer one off, and would bind some other file. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) < MAX_PATH;
}

/**
 * Listens on a path that only one living process can hold: `bind` is atomic, and a process that dies, however it dies,
 * stops listening. A socket file that a killed process left behind is taken over.
 */
export async function listenExclusively(path: string, onConnection: (socket: Socket) => void): Promise<Listening> {
  if (!isSocketPath(path)) return { kind: 'impossible', reason: 'the path is too long for a socket' };
  for (let tries = 0; tries < 3; tries++) {
    const result = await listen(path, onConnection);
    if (result.kind !== 'in-use') return result;
    if (await isAlive(path)) return { kind: 'taken' };
    const obstacle = await takeAway(path);
    if (obstacle !== undefined) return { kind: 'impossible', reason: obstacle };
  }
  return { kind: 'taken' };
}

/** @returns an open connection, or undefined where nobody listens. */
export function connect(path: string): Promise<Socket | undefined> {
  // To find out by connecting that there is no file takes 2 ms.
  if (!isSocketPath(path) || !existsSync(path)) return Promise.resolve(undefined);
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
 * @returns why it stays where it is, in a folder that cannot be written to
 */
async function takeAway(path: string): Promise<string | undefined> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await fs.rename(path, aside);
    if (await isAlive(aside)) await fs.rename(aside, path);
    // What is no socket either, such as a folder, is out of the way: that is enough.
    else await fs.rm(aside, { force: true }).catch(() => undefined);
    return undefined;
  } catch (error) {
    // Another process was faster: the next try sees what it left.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    return error instanceof Error ? error.message : String(error);
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
