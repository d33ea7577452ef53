import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { AtStep } from '../../engine/base/crash-points.ts';
import type { OpenQueueOptions, Queue } from '../../engine/queue/queue.ts';
import type { Environment, Io, Source } from '../output/io.ts';
import { LiveSink } from '../output/live-sink.ts';
import type { Log, LogFormat, LogLevel } from '../output/log.ts';
import { sanitizeJson, sanitizeLine } from '../output/sanitize.ts';
import { PLAIN, type Style } from '../output/style.ts';
import type { Config } from './config.ts';
import { crashHook } from './crash-hook.ts';
import { cpuPressureMs, hostLoad, othersRunning, systemClock, systemRandomness } from './system.ts';

/** What a command works with. */
export interface CommandContext {
  readonly config: Config;
  readonly log: Log;
  readonly stdin: Source;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Which form the answer will have: a command need not read what will not be shown. */
  readonly answer: 'text' | 'json';
  /** For commands that start others. */
  readonly env: Environment;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  readonly signal: AbortSignal;
  /** Takes over what a second signal does; it is aborted by that. */
  secondSignal(): AbortSignal;
  /** Where the log goes, for commands that show more than lines there. */
  readonly stderr: Stderr;
  /** A log for the lines of another agent than the command's own. */
  logFor(agent: string): Log;
  /** Colours of stdout. */
  readonly style: Style;
  /** Writes a line of an answer that comes bit by bit; nothing where the answer is one JSON document. */
  say(line: string): void;
  /**
   * Writes one part of an answer without an end: a line of text, or with `--json` one document on a line of its own.
   * @returns whether anybody still reads
   */
  tell(line: string, document: object): Promise<boolean>;
  /** Opens the queue and hands it over. It is closed when the answer has been written, whatever happens. */
  withQueue<T>(use: (queue: Queue) => Promise<T>, terms?: QueueTerms): Promise<T>;
}

/** A context, and what ends it. */
export interface OpenedContext {
  readonly context: CommandContext;
  /**
   * Closes what the command has opened. To be called once, when its answer has been written: it may see through what others
   * of this machine wait for.
   */
  close(): Promise<void>;
}

/** stderr, and how it is written to. */
export interface Stderr {
  readonly sink: LiveSink;
  readonly style: Style;
  readonly format: LogFormat;
  readonly level: LogLevel;
}

/** Where a command opens the queue on other terms than a command that does one thing and ends. */
export interface QueueTerms {
  /** Ends what the queue does, in the place of the first signal: for commands that still need the queue then. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
  readonly timeoutOf: 'everything' | 'each-submit';
}

/** What the context is made of; the last three are the system's own unless a test says otherwise. */
export interface ContextParts {
  readonly config: Config;
  readonly log: Log;
  /** Absent: every agent's lines go to `log`. */
  readonly logFor?: (agent: string) => Log;
  /** Absent: plain lines. */
  readonly stderr?: Stderr;
  readonly io: Io;
  readonly env: Environment;
  readonly answer: 'text' | 'json';
  readonly style: Style;
  readonly openQueue?: QueueOpener;
  readonly clock?: Clock;
  readonly random?: Randomness;
}

export type QueueOpener = (options: OpenQueueOptions) => Promise<Queue>;

/** Wires a command to the engine. */
export function createContext(parts: ContextParts): OpenedContext {
  const { config, log, io, env, answer, style } = parts;
  const { logFor = () => log } = parts;
  const stderr = parts.stderr ?? { sink: new LiveSink(io.stderr), style: PLAIN, format: 'text', level: 'info' };
  const clock = parts.clock ?? systemClock;
  const random = parts.random ?? systemRandomness;
  const openQueue = parts.openQueue ?? openRealQueue;
  const at = crashHook(env);
  let isLocalSaid = false;
  const closings: (() => Promise<void>)[] = [];
  const context: CommandContext = {
    config,
    at,
    log,
    stdin: io.stdin,
    clock,
    random,
    answer,
    env,
    signal: io.signal,
    secondSignal: () => io.secondSignal?.() ?? new AbortController().signal,
    stderr,
    logFor,
    style,
    say(line) {
      if (answer === 'text') stderr.sink.aside(() => io.stdout.write(`${line}\n`));
    },
    async tell(line, document) {
      const text = answer === 'json' ? sanitizeJson(JSON.stringify(document)) : sanitizeLine(line);
      stderr.sink.aside(() => io.stdout.write(`${text}\n`));
      // A pipe that nobody reads any more is told of in the next turn at the earliest.
      await new Promise((resolve) => setImmediate(resolve));
      return io.stdout.isClosed !== true;
    },
    async withQueue(use, terms = { signal: io.signal, timeoutMs: config.timeoutMs, timeoutOf: 'everything' }) {
      let processes = 0;
      const startedAt = clock.now();
      const queue = await openQueue({
        dir: config.dir,
        env,
        remote: config.remote,
        branch: config.branch,
        signal: terms.signal,
        clock,
        random,
        at,
        maxRetries: config.maxRetries,
        backoff: config.backoff,
        combine: config.combine,
        pushLimit: config.pushLimit,
        host: hostLoad(),
        othersRunning,
        cpuPressureMs: cpuPressureMs,
        timeoutMs: terms.timeoutMs,
        timeoutOf: terms.timeoutOf,
        sync: config.checkout === 'follow',
        onEvent: (event) => log.event(event),
        onGitProcess(args) {
          if (processes++ === 0) endGitAtExit();
          log.event({ kind: 'git-process', command: subcommandOf(args) });
        },
      });
      closings.push(async () => {
        await queue.close(io.signal);
        log.debug(`${processes} git processes, ${clock.now() - startedAt} ms in all`, { processes });
      });
      // Whoever was handed a clone without remotes must not take a claim in it for one that others see.
      if (queue.place.remote === undefined && !isLocalSaid) {
        isLocalSaid = true;
        log.info(`this repository has no remote: the local branch ${queue.place.branch} is the queue`);
      }
      return use(queue);
    },
  };
  return {
    context,
    async close() {
      for (const closing of closings.splice(0)) await closing();
    },
  };
}

let endsGitAtExit = false;

/** Git does not hear of what ends us. Its module is loaded already when it starts the first. */
function endGitAtExit(): void {
  if (endsGitAtExit) return;
  endsGitAtExit = true;
  void import('../../git/process/own-group.ts').then(({ endGitProcesses }) => process.once('exit', endGitProcesses));
}

async function openRealQueue(options: OpenQueueOptions): Promise<Queue> {
  const { openQueue } = await import('../../engine/open/open-queue.ts');
  return openQueue(options);
}

/** Only the subcommand: arguments may carry URLs with credentials. */
function subcommandOf(args: readonly string[]): string {
  const at = args.findIndex(
    (arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c' && args[index - 1] !== '-C',
  );
  return args[at] ?? '';
}
