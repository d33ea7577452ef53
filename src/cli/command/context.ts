import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { given } from '../../domain/base/given.ts';
import type { LogLevel } from '../../domain/telling/told.ts';
import type { AtStep } from '../../engine/base/crash-points.ts';
import type { OpenQueueOptions, Queue } from '../../engine/queue/queue.ts';
import { meetAt } from '../../machine/meet-server/meet-at.ts';
import type { MeetAt } from '../../machine/meet-server/meet-server.ts';
import type { Environment, Io, Source } from '../output/io.ts';
import { LiveSink } from '../output/live-sink.ts';
import type { Log } from '../output/log.ts';
import type { LogFormat } from '../output/log-format.ts';
import { sanitizeJson, sanitizeLine } from '../output/sanitize.ts';
import type { OpenScreen } from '../output/screen.ts';
import { PLAIN, type Style } from '../output/style.ts';
import type { Trace } from '../output/trace.ts';
import type { Config } from './config.ts';
import { crashHook } from './crash-hook.ts';
import { cpuPressureMs, hostLoad, othersRunning, systemClock, systemRandomness } from './system.ts';

/** What a command works with. */
export interface CommandContext {
  readonly config: Config;
  readonly log: Log;
  readonly stdin: Source;
  /** How to take over the whole terminal; undefined: there is none. */
  screen(): OpenScreen | undefined;
  /** All of this agentq as the text of one file; undefined if it does not run from its bundle. */
  readonly alone: (() => string) | undefined;
  readonly clock: Clock;
  readonly random: Randomness;
  /** The form of the answer: a command need not read what will not be shown. */
  readonly answer: 'text' | 'json';
  /** For commands that start other processes. */
  readonly env: Environment;
  /** Absent outside tests. */
  readonly at?: AtStep | undefined;
  readonly signal: AbortSignal;
  /** Takes over the second signal: it aborts what this returns, and no longer ends the process. */
  secondSignal(): AbortSignal;
  /** Where the log goes, for commands that show more than lines there. */
  readonly stderr: Stderr;
  /** A log for the lines of an agent other than the command's own. */
  logFor(agent: string): Log;
  /** Colours of stdout. */
  readonly style: Style;
  /** Writes one line of an answer that comes line by line. Does nothing if the answer is one JSON document. */
  say(line: string): void;
  /**
   * Writes one part of an endless answer: a line of text, or with `--json` one document on a line of its own.
   * @returns whether stdout is still being read
   */
  tell(line: string, document: object): Promise<boolean>;
  /**
   * Writes one message of a protocol that has stdout for itself. Resolves when the reader has caught up.
   * @returns whether stdout is still being read
   */
  send(message: object): Promise<boolean>;
  /** Opens the queue and passes it on. It is closed once the answer has been written, also after a failure. */
  withQueue<T>(use: (queue: Queue) => Promise<T>, terms?: QueueTerms): Promise<T>;
}

/** A context, and the function that closes it. */
export interface OpenedContext {
  readonly context: CommandContext;
  /**
   * Closes what the command opened. Call it once, after the answer has been written: it may first finish what other
   * processes on this machine wait for.
   */
  close(): Promise<void>;
}

/** stderr, and how to write to it. */
export interface Stderr {
  readonly sink: LiveSink;
  readonly style: Style;
  readonly format: LogFormat;
  readonly level: LogLevel;
}

/** How a command opens the queue, if it does more than one thing and end. */
export interface QueueTerms {
  /** Ends what the queue does, instead of the first signal: for commands that still need the queue after it. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
  readonly timeoutOf: 'everything' | 'each-submit';
}

/** What the context is made of. The last three come from the system unless a test replaces them. */
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
  /** Absent: nobody wants one. */
  readonly trace?: Trace | undefined;
  readonly openQueue?: QueueOpener;
  readonly clock?: Clock;
  readonly random?: Randomness;
}

export type QueueOpener = (options: OpenQueueOptions) => Promise<Queue>;

/** Wires a command to the engine. */
export function createContext(parts: ContextParts): OpenedContext {
  const { config, log, io, env, answer, style, trace } = parts;
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
    screen: () => io.screen?.(),
    alone: io.alone,
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
      return isRead(io);
    },
    async send(message) {
      io.stdout.write(`${sanitizeJson(JSON.stringify(message))}\n`);
      await io.stdout.drained?.();
      return isRead(io);
    },
    async withQueue(use, terms = { signal: io.signal, timeoutMs: config.timeoutMs, timeoutOf: 'everything' }) {
      let processes = 0;
      const startedAt = clock.now();
      const queue = await openQueue({
        dir: config.dir,
        env,
        remote: config.remote,
        branch: config.branch,
        reach: config.reach,
        signal: terms.signal,
        clock,
        random,
        at,
        maxRetries: config.maxRetries,
        backoff: config.backoff,
        combine: config.combine,
        pushLimit: config.pushLimit,
        ...given({ meet: meetingAt(config, env, clock, random) }),
        ssh: config.ssh,
        host: hostLoad(),
        othersRunning,
        cpuPressureMs: cpuPressureMs,
        timeoutMs: terms.timeoutMs,
        timeoutOf: terms.timeoutOf,
        sync: config.checkout === 'follow',
        onEvent(event) {
          log.event(event);
          trace?.event(event);
        },
        onGitProcess(args, ended) {
          if (processes++ === 0) endGitAtExit();
          const command = subcommandOf(args);
          log.event({ kind: 'git-process', command });
          trace?.gitProcess(command, ended);
        },
      });
      closings.push(async () => {
        await queue.close(io.signal);
        log.debug(`${processes} git processes, ${clock.now() - startedAt} ms in all`, { processes });
      });
      // A user who was given a clone without remotes must not believe that others see a claim in it.
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

/** Whether anybody reads stdout. A closed pipe is reported in the next turn of the event loop at the earliest. */
async function isRead({ stdout }: Io): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return stdout.isClosed !== true;
}

function meetingAt({ meet }: Config, env: Environment, clock: Clock, random: Randomness): MeetAt | undefined {
  if (meet?.url === undefined) return undefined;
  const tls = { ca: env.AGENTQ_MEET_CA, cert: env.AGENTQ_MEET_CERT, key: env.AGENTQ_MEET_KEY };
  return meetAt(meet.url, { clock, random, tls });
}

let endsGitAtExit = false;

/** Git processes do not notice when we end. The module is already loaded when the first one starts. */
function endGitAtExit(): void {
  if (endsGitAtExit) return;
  endsGitAtExit = true;
  void import('../../git/process/own-group.ts').then(({ endGitProcesses }) => process.once('exit', endGitProcesses));
}

async function openRealQueue(options: OpenQueueOptions): Promise<Queue> {
  const { openBranches } = await import('../../engine/branches/open-branches.ts');
  return openBranches(options);
}

/** Only the subcommand: arguments may carry URLs with credentials. */
function subcommandOf(args: readonly string[]): string {
  const at = args.findIndex(
    (arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c' && args[index - 1] !== '-C',
  );
  return args[at] ?? '';
}
