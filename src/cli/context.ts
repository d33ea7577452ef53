import type { Clock, Randomness } from '../domain/clock.ts';
import type { OpenQueueOptions, Queue } from '../engine/queue.ts';
import type { Config } from './config.ts';
import type { Environment, Io, Source } from './io.ts';
import type { Log } from './log.ts';
import type { Style } from './style.ts';
import { hostLoad, systemClock, systemRandomness } from './system.ts';

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
  readonly signal: AbortSignal;
  /** Colours of stdout. */
  readonly style: Style;
  /** Writes a line of an answer that comes bit by bit; nothing where the answer is one JSON document. */
  say(line: string): void;
  /** Opens the queue, hands it over, and closes it whatever happens. */
  withQueue<T>(use: (queue: Queue) => Promise<T>): Promise<T>;
}

/** What the context is made of; the last three are the system's own unless a test says otherwise. */
export interface ContextParts {
  readonly config: Config;
  readonly log: Log;
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
export function createContext(parts: ContextParts): CommandContext {
  const { config, log, io, env, answer, style } = parts;
  const clock = parts.clock ?? systemClock;
  const random = parts.random ?? systemRandomness;
  const openQueue = parts.openQueue ?? openRealQueue;
  return {
    config,
    log,
    stdin: io.stdin,
    clock,
    random,
    answer,
    env,
    signal: io.signal,
    style,
    say(line) {
      if (answer === 'text') io.stdout.write(`${line}\n`);
    },
    async withQueue(use) {
      let processes = 0;
      const startedAt = clock.now();
      const queue = await openQueue({
        dir: config.dir,
        env,
        remote: config.remote,
        branch: config.branch,
        signal: io.signal,
        clock,
        random,
        maxRetries: config.maxRetries,
        backoff: config.backoff,
        combine: config.combine,
        pushLimit: config.pushLimit,
        host: hostLoad(),
        timeoutMs: config.timeoutMs,
        sync: config.checkout === 'follow',
        onEvent: (event) => log.event(event),
        onGitProcess(args) {
          processes++;
          log.event({ kind: 'git-process', command: subcommandOf(args) });
        },
      });
      try {
        return await use(queue);
      } finally {
        await queue.close();
        log.debug(`${processes} git processes, ${clock.now() - startedAt} ms in all`, { processes });
      }
    },
  };
}

async function openRealQueue(options: OpenQueueOptions): Promise<Queue> {
  const { openQueue } = await import('../engine/open-queue.ts');
  return openQueue(options);
}

/** Only the subcommand: arguments may carry URLs with credentials. */
function subcommandOf(args: readonly string[]): string {
  const at = args.findIndex(
    (arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c' && args[index - 1] !== '-C',
  );
  return args[at] ?? '';
}
