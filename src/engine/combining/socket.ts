import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, linkSync, lstatSync, openSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';

/** What trying to be the only listener on a path came to. */
export type Listening =
  /** `close` leaves the path to the next one, and then stops listening. */
  | { readonly kind: 'listening'; close(): void }
  /** Somebody alive listens there. */
  | { readonly kind: 'taken' }
  /** No socket can be made there: no permission, no space, a file system without sockets. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** Bytes of randomness in the name under which a socket begins to listen. */
const OWN_NAME_BYTES = 4;

/** The limit of `sun_path` with its closing zero, 104 bytes on macOS and 108 on Linux, less a dot and such a name. */
const MAX_PATH = 103 - 1 - 2 * OWN_NAME_BYTES;

/** What lies beside a socket for longer than this (ms) belongs to a process that was killed: it lies there for 1 ms. */
const LEFT_BEHIND_MS = 10_000;

/** Whether a socket can be at the path at all. Node 20 cuts a longer one off, and would bind some other file. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) < MAX_PATH;
}

/**
 * Listens on a path that only one living process can hold; a process that dies, however it dies, stops listening, and
 * the socket file that it left behind is taken over.
 *
 * `bind` alone does not give that. Between `bind` and `listen` a socket looks dead, so it listens under a name of its
 * own first and is linked to the path then; and a dead one may be removed only as the very file that was found dead,
 * see {@link remove}. (With neither, 1 of 16 holders was not alone, of 8 processes that took one path in turns.)
 */
export async function listenExclusively(path: string, onConnection: (socket: Socket) => void): Promise<Listening> {
  if (!isSocketPath(path)) return { kind: 'impossible', reason: 'the path is too long for a socket' };
  const own = `${path}.${randomBytes(OWN_NAME_BYTES).toString('hex')}`;
  const server = await listen(own, onConnection);
  if (!('close' in server)) return { kind: 'impossible', reason: server.message };
  try {
    const now = lstatSync(own).mtimeMs;
    for (let tries = 0; tries < 3; tries++) {
      if (place(own, path)) return { kind: 'listening', close: () => leave(path, server) };
      const there = identityOf(path);
      if (there === undefined) continue;
      if ((await reach(path)) === 'alive') break;
      remove(path, there, now);
    }
    server.close();
    return { kind: 'taken' };
  } catch (error) {
    server.close();
    return { kind: 'impossible', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns an open connection, or undefined where nobody listens. */
export async function connect(path: string): Promise<Socket | undefined> {
  // To find out by connecting that there is no file takes 2 ms.
  if (!isSocketPath(path) || !existsSync(path)) return undefined;
  const socket = await open(path);
  return socket instanceof Error ? undefined : socket;
}

async function reach(path: string): Promise<'alive' | 'dead'> {
  const socket = await open(path);
  if (!(socket instanceof Error)) {
    socket.destroy();
    return 'alive';
  }
  // Too many are waiting there to be accepted, or we may open no more files: that says nothing against whoever listens.
  return isCode(socket, 'EAGAIN') || isCode(socket, 'EMFILE') || isCode(socket, 'ENFILE') ? 'alive' : 'dead';
}

function open(path: string): Promise<Socket | Error> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', resolve);
  });
}

/** @returns whether the path is ours now; not where something is there already. */
function place(own: string, path: string): boolean {
  try {
    linkSync(own, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    if (!existsSync(own) || existsSync(path)) throw error;
    // A file system without links: two that come here in the same microsecond may both believe that the path is theirs.
    renameSync(own, path);
    return true;
  }
  unlink(own);
  return true;
}

/** First out of the way, then away: whoever loses the connection finds the place free. */
function leave(path: string, server: Server): void {
  unlink(path);
  server.close();
}

/** Tells a file from whatever is at the same path later, as numbers of files are given out again. */
function identityOf(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino.toString(36)}-${stat.mtimeNs.toString(36)}`;
}

/**
 * Removes what was found dead, and nothing that has taken its place since: only whoever makes the file that is named
 * after the dead one may remove it, so what is still there afterwards stays there until it does.
 * @throws what file operations throw where the folder cannot be written to, or something lies there that is no file
 */
function remove(path: string, dead: string, now: number): void {
  for (const other of readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.`))) {
    const left = lstatSync(join(dirname(path), other), { throwIfNoEntry: false });
    if (left && now - left.mtimeMs > LEFT_BEHIND_MS) unlink(join(dirname(path), other));
  }
  const right = `${path}.${dead}`;
  try {
    closeSync(openSync(right, 'wx'));
  } catch (error) {
    // Somebody else removes it.
    if (isCode(error, 'EEXIST')) return;
    throw error;
  }
  try {
    if (identityOf(path) === dead) unlink(path);
  } finally {
    unlink(right);
  }
}

/** `rmSync` would do, at the price of loading what removes folders. */
function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server | Error> {
  return new Promise((resolve) => {
    const server = createServer(onConnection);
    server.once('error', resolve);
    server.listen(path, () => {
      server.removeAllListeners('error');
      // A server that can accept no more connections is one that nobody follows: not a reason to crash.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}
