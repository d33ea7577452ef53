import { Readable } from 'node:stream';
import { given } from '../../../domain/base/given.ts';
import type { LogLevel } from '../../../domain/telling/told.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { CommandContext } from '../../command/context.ts';
import type { Finished } from '../../command/declaration.ts';
import { Input } from '../../command/input.ts';
import type { Source } from '../../output/io.ts';
import { describeEvent, type Log } from '../../output/log.ts';
import { PLAIN } from '../../output/style.ts';
import type { CommandCall } from './tools/tool.ts';

/** How one call runs its command. */
export interface CallTerms {
  readonly queue: Queue;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** Each line that the command says, debug lines excepted. */
  onLine(level: Exclude<LogLevel, 'debug'>, message: string): void;
}

/** Figures of the effort. They tell an agent nothing. */
const EFFORT = new Set(['attempts', 'rejectedPushes', 'backoffBaseMs', 'elapsedMs']);

/**
 * Runs a command for a tool call: the same checks, the same work and the same answer as on the command line, on the
 * queue of the session.
 */
export async function runCommand(call: CommandCall, context: CommandContext, terms: CallTerms): Promise<Finished> {
  const { declaration, args, flags, rest, input } = call;
  const { prepare } = await declaration.load();
  const prepared = prepare(new Input({ command: declaration.name, args, flags, ...given({ rest }) }, context.env));
  terms.signal.throwIfAborted();
  return prepared.run({
    ...context,
    answer: 'json',
    signal: terms.signal,
    log: overheard(context.log, terms),
    stdin: sourceOf(input ?? ''),
    say: () => undefined,
    tell: () => Promise.resolve(true),
    send: () => Promise.resolve(true),
    withQueue: (use) => use(terms.queue),
  });
}

/** What the command answers with `--json`, as data. */
export function documentOf(finished: Finished): Readonly<Record<string, unknown>> {
  const json = finished.render({ answer: 'json', isTerminal: false, columns: undefined, style: PLAIN });
  const document: Record<string, unknown> = JSON.parse(String(json));
  return Object.fromEntries(Object.entries(document).filter(([key]) => !EFFORT.has(key)));
}

function sourceOf(text: string): Source {
  return {
    isTerminal: false,
    stream: () => Readable.from([text]),
    read: async (limit) => new TextEncoder().encode(text).subarray(0, limit + 1),
  };
}

/** The log, with a listener. */
function overheard(log: Log, { onLine }: Pick<CallTerms, 'onLine'>): Log {
  const at =
    (level: Exclude<LogLevel, 'debug'>): Log['info'] =>
    (message, fields) => {
      log[level](message, fields);
      onLine(level, message);
    };
  return {
    error: at('error'),
    warning: at('warning'),
    info: at('info'),
    debug: log.debug,
    trace: log.trace,
    tell(told, message, how = {}) {
      log.tell(told, message, how);
      const { level = 'info', only } = how;
      if (level !== 'debug' && only === undefined) onLine(level, message);
    },
    event(event) {
      log.event(event);
      const { level, message } = describeEvent(event);
      if (level !== 'debug') onLine(level, message);
    },
  };
}
