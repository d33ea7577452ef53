import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, linkSync, lstatSync, openSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';

/** The result of trying to be the only listener on a path. */
export type Listening =
  /** `close` leaves the path to the next process, and then stops listening. */
  | { readonly kind: 'listening'; close(): void }
  /** A living process listens there, or may do so: a socket that is not certainly dead is left alone. */
  | { readonly kind: 'taken' }
  /** No socket can be made there: no permission, no space, no files left, a file system without sockets. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** Random bytes in the name under which a socket begins to listen. */
const OWN_NAME_BYTES = 4;

/** The limit of `sun_path` with its closing zero, 104 bytes on macOS and 108 on Linux, minus a dot and such a name. */
const MAX_PATH = 103 - 1 - 2 * OWN_NAME_BYTES;

/** A file next to a socket that is older than this (ms) belongs to a killed process: normally it exists for 1 ms. */
const LEFT_BEHIND_MS = 10_000;

/** Whether the path is short enough for a socket. Node 20 cuts off a longer one, and would bind another file. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) < MAX_PATH;
}

/**
 * Listens on a path that only one living process can hold. A process that dies, however it dies, stops listening, and
 * the socket file that it left is taken over.
 *
 * `bind` alone does not give that. Between `bind` and `listen` a socket looks dead, so it first listens under a name of
 * its own and is then linked to the path. A dead socket may be removed only if it is still the same file that was found
 * dead, see {@link remove}. (With neither, 1 of 16 holders was not alone when 8 processes took one path in turns.)
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
      const reached = await connect(path);
      if (reached.kind === 'open') reached.socket.destroy();
      if (reached.kind === 'no-files') throw reached.error;
      if (reached.kind !== 'nobody') break;
      remove(path, there, now);
    }
    server.close();
    return { kind: 'taken' };
  } catch (error) {
    server.close();
    return { kind: 'impossible', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The result of trying to connect to a path. */
export type Reached =
  | { readonly kind: 'open'; readonly socket: Socket }
  /** There is no socket, or only the file of a dead process. */
  | { readonly kind: 'nobody' }
  /** A process may listen there, but cannot be reached now: too many wait to be accepted, or we have no permission. */
  | { readonly kind: 'busy' }
  /** This process, or the machine, may not open more files. That says nothing about the listener. */
  | { readonly kind: 'no-files'; readonly error: Error };

/** The only answers that show that nobody listens. */
const DEAD: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTDIR', 'ENOTSOCK', 'ELOOP']);

const NO_FILES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

/** Connects to the process that listens on the path. Never rejects. */
export function connect(path: string): Promise<Reached> {
  // To find out by a connection that there is no file takes 2 ms.
  if (!isSocketPath(path) || !existsSync(path)) return Promise.resolve({ kind: 'nobody' });
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve({ kind: 'open', socket });
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? '';
      if (NO_FILES.has(code)) resolve({ kind: 'no-files', error });
      else resolve({ kind: DEAD.has(code) ? 'nobody' : 'busy' });
    });
  });
}

/** @returns whether the path is ours now; false if something is there already */
function place(own: string, path: string): boolean {
  try {
    linkSync(own, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    if (!existsSync(own) || existsSync(path)) throw error;
    // A file system without links: two processes in the same microsecond may both believe that the path is theirs.
    renameSync(own, path);
    return true;
  }
  unlink(own);
  return true;
}

/** Leaves the path first, then closes: processes that lose the connection find the place free. */
function leave(path: string, server: Server): void {
  unlink(path);
  server.close();
}

/** Tells a file from a later one at the same path. The inode number alone does not: it is used again. */
function identityOf(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino.toString(36)}-${stat.mtimeNs.toString(36)}`;
}

/**
 * Removes the file that was found dead, and nothing that has taken its place since. Only the process that makes the
 * file named after the dead one may remove it, so if the dead one is still there then, it stays there until this
 * process acts.
 * @throws errors of file operations, if the folder cannot be written to, or something there is not a file
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
    // Another process removes it.
    if (isCode(error, 'EEXIST')) return;
    throw error;
  }
  try {
    if (identityOf(path) === dead) unlink(path);
  } finally {
    unlink(right);
  }
}

/** `rmSync` would do the same, but loads the code that removes folders. */
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
      // If a server cannot accept more connections, nobody follows it: no reason to crash.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}
