import { isHangupIgnored, outliveTerminal } from './cli/hangup.ts';
import { SIGNAL_EXIT_CODES } from './cli/output/exit-codes.ts';
import { type Environment, type Io, sinkOf, sourceOf } from './cli/output/io.ts';
import { toldLine } from './cli/output/log.ts';
import { guessLogFormat } from './cli/output/log-format.ts';
import { screenOf } from './cli/output/screen.ts';
import { isoSeconds } from './domain/base/clock.ts';
import { Failure } from './domain/base/failure.ts';
import { given } from './domain/base/given.ts';

/** Set by the build. */
declare const AGENTQ_VERSION: string;

/**
 * Runs agentq in this process, and ends the process with the exit code.
 * @param alone gives all of agentq in one file
 */
export async function start(process: NodeJS.Process, alone?: () => string): Promise<void> {
  const controller = new AbortController();
  const urgent = interruptOnSignals(process, controller);
  let lost: NodeJS.ErrnoException | undefined;
  // A reader that has seen enough (`agentq list | head -1`) is not an error; a full disk is.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') lost ??= error;
  });
  process.stderr.on('error', () => {});
  const crash = (error: unknown): void => {
    lastWords(process, describeDefect(error, process.env), { code: 'internal' });
    process.exit(5);
  };
  outliveTerminal(process);
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  const io: Io = {
    stdin: sourceOf(process),
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    cwd: startFolder(process),
    signal: controller.signal,
    secondSignal: urgent,
    screen: () => screenOf(process),
    ...given({ alone }),
  };
  let code = await main(process.argv.slice(2), io, process.env);
  await flushed(process.stdout);
  if (lost !== undefined && code === 0) {
    lastWords(process, `agentq: the answer could not be written to stdout: ${lost.code ?? lost.message}`);
    code = 5;
  }
  await flushed(process.stderr);
  process.exit(code);
}

/**
 * A signal that comes again within this time (ms) counts once. `timeout` sends the two one right after the other, but on a
 * busy machine it may lose its core in between; a person takes ten times as long.
 */
const REPETITION_MS = 20;

/**
 * Runs one command line.
 * @returns the exit code. Never throws for anything that a user can cause.
 */
export async function main(argv: readonly string[], io: Io, env: Environment): Promise<number> {
  const [first, ...rest] = argv;
  if (rest.length === 0 && (first === '--version' || first === '-V')) {
    io.stdout.write(`${AGENTQ_VERSION}\n`);
    return 0;
  }
  // The rest is loaded only now: scripts ask for the version to see whether agentq is there.
  const { runCommandLine } = await import('./cli/run.ts');
  return runCommandLine(argv, io, env, AGENTQ_VERSION);
}

/**
 * The folder that agentq was started in. A deleted folder still has a name, for messages. Our libraries ask for the
 * current folder even if `-C` names another, so the process moves to one that exists.
 */
function startFolder(process: NodeJS.Process): string {
  try {
    return process.cwd();
  } catch {
    process.chdir('/');
    return process.env.PWD ?? '/';
  }
}

/**
 * The first signal aborts, and lets the command clean up. The second ends the process at once, unless the command has
 * taken it over. When a terminal is closed, two or three hangups come (from the shell and from the kernel), and no user
 * is there to be in a hurry: a hangup never ends the process without cleaning up.
 * @returns a function with which a command takes the second signal over
 */
function interruptOnSignals(process: NodeJS.Process, controller: AbortController): () => AbortSignal {
  let urgent: AbortController | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    let isRepetition = false;
    process.on(signal, () => {
      if (signal === 'SIGHUP' && isHangupIgnored(process)) return;
      // `timeout` sends its signal to this process and to its group, which counts as one signal.
      if (isRepetition) return;
      isRepetition = true;
      // What has arrived while this turn of the event loop lasted is heard before the immediate.
      setTimeout(() => setImmediate(() => (isRepetition = false)), REPETITION_MS).unref();
      const reason = new Failure('interrupted', `interrupted by ${signal}`, { details: { signal } });
      if (!controller.signal.aborted) controller.abort(reason);
      else if (urgent && !urgent.signal.aborted) urgent.abort(reason);
      else if (signal !== 'SIGHUP') process.exit(SIGNAL_EXIT_CODES[signal]);
    });
  }
  return () => {
    urgent ??= new AbortController();
    return urgent.signal;
  };
}

/** Words of this process itself, when no command is there any more to say them. */
function lastWords({ stderr, argv, env }: NodeJS.Process, message: string, fields: { code?: 'internal' } = {}): void {
  if (guessLogFormat(argv.slice(2), env) === 'text') {
    stderr.write(`${message}\n`);
    return;
  }
  const stamp = { time: isoSeconds(Date.now()), level: 'error', agent: 'agentq', message } as const;
  stderr.write(toldLine({ event: 'log', ...fields }, stamp));
}

function describeDefect(error: unknown, env: Environment): string {
  if (env.AGENTQ_DEBUG && error instanceof Error) return `agentq: internal error: ${error.stack ?? error.message}`;
  const message = error instanceof Error ? error.message : String(error);
  return `agentq: internal error: ${message.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')} (set AGENTQ_DEBUG=1 for the stack)`;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // Files are written at once, but their errors are reported only in the next turn of the event loop.
    if (stream.writableLength === 0) setImmediate(resolve);
    else stream.write('', () => resolve());
  });
}
