import type { Readable, Writable } from 'node:stream';
import type { OpenScreen } from './screen.ts';

/** Where output goes. */
export interface Sink {
  write(chunk: string | Uint8Array): void;
  readonly isTerminal: boolean;
  /** Whether the output is no longer read. */
  readonly isClosed?: boolean;
  /** Settles when the reader has caught up; undefined if it is not behind. A caller that writes much waits for it. */
  drained?(): Promise<void> | undefined;
  /** Width of the terminal in columns; undefined if it is not a terminal. */
  readonly columns: number | undefined;
}

/** Where input comes from. */
export interface Source {
  readonly isTerminal: boolean;
  /** Reads everything up to the end, or to the first byte beyond the limit. */
  read(limit: number, signal: AbortSignal): Promise<Uint8Array>;
  /** The input as it comes, for a command that answers before the end. */
  stream(): Readable;
}

/** What the process gives a command, injected so that tests need no process. */
export interface Io {
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly cwd: string;
  /** Aborted by SIGINT, SIGTERM and SIGHUP, with a Failure as its reason. */
  readonly signal: AbortSignal;
  /**
   * Takes over the second signal, which otherwise ends the process at once: it aborts what this returns. For commands
   * that must clean up even when the user is in a hurry. A third signal ends the process.
   */
  secondSignal?(): AbortSignal;
  /** How to take over the whole terminal; undefined: there is none. Asking opens stdin. */
  screen?(): OpenScreen | undefined;
  /** All of this agentq as the text of one file. Absent if it does not run from its bundle. */
  alone?(): string;
}

/** Environment variables, as in node's `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Lines are not cut to a terminal that claims to be narrower than this (columns). */
const NARROWEST = 20;

/** The stdin of a process as a source. It is not opened before it is read. */
export function sourceOf(process: NodeJS.Process): Source {
  return {
    get isTerminal() {
      return process.stdin.isTTY === true;
    },
    read: (limit, signal) => readAll(process.stdin, limit, signal),
    stream: () => process.stdin,
  };
}

/**
 * Reads a stream to its end, or to the first byte beyond the limit. Rejects with the signal's reason when it is
 * aborted.
 */
export async function readAll(
  stream: NodeJS.ReadableStream & { destroy(): unknown },
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    signal.throwIfAborted();
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      chunks.push(bytes);
      size += bytes.length;
      if (size > limit) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return Buffer.concat(chunks).subarray(0, limit + 1);
}

/** One set of listeners per stream, however many callers wait. */
const draining = new WeakMap<Writable, Promise<void>>();

/** Settles when the stream takes more, or has failed or closed; undefined if it is not behind. */
export function drainedOf(stream: Writable): Promise<void> | undefined {
  if (!stream.writableNeedDrain || stream.destroyed) return undefined;
  const known = draining.get(stream);
  if (known !== undefined) return known;
  const drained = new Promise<void>((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, settle);
      draining.delete(stream);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.on(event, settle);
  });
  draining.set(stream, drained);
  return drained;
}

/** The stream of a process as a sink. */
export function sinkOf(stream: NodeJS.WriteStream): Sink {
  // Stdout is never destroyed, not even by an error: the event is the only sign.
  let isClosed = false;
  stream.on('error', () => {
    isClosed = true;
  });
  return {
    write(chunk) {
      stream.write(chunk);
    },
    drained: () => (isClosed ? undefined : drainedOf(stream)),
    get isTerminal() {
      return stream.isTTY === true;
    },
    get isClosed() {
      return isClosed;
    },
    get columns() {
      // Some terminals do not know their width and report 0.
      return stream.isTTY === true && stream.columns >= NARROWEST ? stream.columns : undefined;
    },
  };
}
