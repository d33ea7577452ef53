/** Where output goes, and what is known about it. */
export interface Sink {
  write(chunk: string | Uint8Array): void;
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined where it is none. */
  readonly columns: number | undefined;
}

/** What the process gives a command, injected so that tests need no process. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly cwd: string;
  /** Aborted by SIGINT and SIGTERM, with a Failure as its reason. */
  readonly signal: AbortSignal;
}

/** Environment variables as node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A terminal that says it is narrower than this has no use for being cut to. */
const NARROWEST = 20;

/** The stream of a process as a sink. */
export function sinkOf(stream: NodeJS.WriteStream): Sink {
  return {
    write(chunk) {
      stream.write(chunk);
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      // Some terminals do not know their width and say 0.
      return stream.isTTY === true && stream.columns >= NARROWEST ? stream.columns : undefined;
    },
  };
}
