import type { Writable } from 'node:stream';

/** Where output goes, and what is known about it. */
export interface Sink {
  write(chunk: string | Uint8Array): void;
  readonly isTerminal: boolean;
  /** Whether nobody reads any more. */
  readonly isClosed?: boolean;
  /** Settles when the reader has caught up; undefined where it is not behind. Whoever writes much waits for it. */
  drained?(): Promise<void> | undefined;
  /** Width of the terminal; undefined where it is none. */
  readonly columns: number | undefined;
}

/** Where input comes from. */
export interface Source {
  readonly isTerminal: boolean;
  /** Everything up to its end, or to the first byte beyond the limit. */
  read(limit: number, signal: AbortSignal): Promise<Uint8Array>;
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
   * Takes over what a second signal does, which otherwise ends the process at once: it aborts what this returns. For
   * commands that have something to clean up however much of a hurry there is; a third signal ends the process.
   */
  secondSignal?(): AbortSignal;
}

/** Environment variables as node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A terminal that says it is narrower than this has no use for being cut to. */
const NARROWEST = 20;

/** The stdin of a process as a source; it is not opened before it is read. */
export function sourceOf(process: NodeJS.Process): Source {
  return {
    get isTerminal() {
      return process.stdin.isTTY === true;
    },
    read: (limit, signal) => readAll(process.stdin, limit, signal),
  };
}

/** Reads a stream to its end, or to the first byte beyond the limit. Rejects with the signal's reason when it is aborted. */
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

/** However many wait for a stream, it is listened to once. */
const draining = new WeakMap<Writable, Promise<void>>();

/** Settles when the stream takes more, or takes nothing any more; undefined where it is not behind. */
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
  // Stdout is never destroyed, not even by an error: it only tells.
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
      // Some terminals do not know their width and say 0.
      return stream.isTTY === true && stream.columns >= NARROWEST ? stream.columns : undefined;
    },
  };
}
