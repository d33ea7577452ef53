import { type Clock, isoSeconds } from '../../domain/base/clock.ts';
import { formatDuration } from '../../domain/base/duration.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { EngineTold, LogLevel, MessageTold, Stamp, Told, ToldLine, TraceTold } from '../../domain/telling/told.ts';
import type { Sink } from './io.ts';
import type { LogFormat } from './log-format.ts';
import { sanitizeJson, sanitizeLine } from './sanitize.ts';
import type { Style } from './style.ts';

/** Additional fields, only in the JSON format. */
export type LogFields = Omit<MessageTold, 'event'>;

/** How something is told. */
export interface Telling {
  /** Absent: `info`. */
  readonly level?: LogLevel;
  /** `json`: in text, another line says it too. Absent: in both formats. */
  readonly only?: 'json';
}

/** Writes to stderr; stdout is for answers only. */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** Writes what happened, as a line for people or as an event. */
  tell(told: Told, message: string, how?: Telling): void;
  /** Writes a line of a trace, whatever the level. */
  trace(message: string, told: TraceTold): void;
  /** Writes the line for an event of the engine, at the level of the event. */
  event(event: QueueEvent): void;
}

export interface LogOptions {
  readonly stderr: Sink;
  readonly clock: Pick<Clock, 'now'>;
  /** The agent named in the lines; `agentq` if no agent is known. */
  readonly agent: string;
  /** The least severe level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly style: Style;
}

const SEVERITY: Readonly<Record<LogLevel, number>> = { error: 3, warning: 2, info: 1, debug: 0 };

/** A log that writes lines `[<ISO time>] [<agent>] message`, or one JSON object per line. */
export function createLog(options: LogOptions): Log {
  const { stderr, clock, agent, format, style } = options;
  const said = new Set<string>();
  const againShort = shortAfterFirst();

  const write = (level: LogLevel, message: string, told: Told): void => {
    if (SEVERITY[level] >= SEVERITY[options.level]) print(level, message, told);
  };
  const print = (level: LogLevel, message: string, told: Told): void => {
    const time = isoSeconds(clock.now());
    if (format === 'json') {
      stderr.write(toldLine(told, { time, level, agent, message }));
      return;
    }
    const text = paint(style, level, `${prefixOf(level)}${sanitizeLine(message)}`);
    stderr.write(`${style.dim(`[${time}] [${agent}]`)} ${text}\n`);
  };
  const at =
    (level: LogLevel): Log['info'] =>
    (message, fields) =>
      write(level, message, { event: 'log', ...fields });

  return {
    error: at('error'),
    warning: at('warning'),
    info: at('info'),
    debug: at('debug'),
    tell(told, message, { level = 'info', only } = {}) {
      if (only === undefined || only === format) write(level, message, told);
    },
    trace: (message, told) => print('debug', message, told),
    event(event) {
      const line = describeEvent(event);
      // One warning per cause is enough, however often the engine comes across it.
      if (line.level === 'warning') {
        if (said.has(line.message)) return;
        said.add(line.message);
      }
      const short = event.kind === 'retrying' ? againShort(event, line.message) : line.message;
      write(line.level, format === 'json' ? line.message : short, engineTold(event));
    },
  };
}

/** What is told, as one line of JSON: the only place where it becomes one. */
export function toldLine(told: Told, stamp: Stamp & { readonly agent: string }): string {
  const { event, ...rest } = told;
  const { time, level, agent, message } = stamp;
  const line = { event, time, level, agent, message, ...rest } as ToldLine;
  return `${sanitizeJson(JSON.stringify(line))}\n`;
}

function engineTold(event: QueueEvent): EngineTold {
  const { kind, ...fields } = event;
  const { message: _, ...rest } = { message: undefined, ...fields };
  return { event: `engine.${kind}`, ...rest } as EngineTold;
}

/** A remote that does not answer causes the same words at every try: only the first warning has all of them. */
function shortAfterFirst(): (event: Extract<QueueEvent, { kind: 'retrying' }>, message: string) => string {
  let last: string | undefined;
  return ({ reason, attempt, delayMs }, message) => {
    const isRepeated = reason === last;
    last = reason;
    const [start = reason] = reason.split(': ', 1);
    return isRepeated ? `${start}; attempt ${attempt} in ${formatDuration(delayMs)}` : message;
  };
}

/** The line for an event, and its level. */
export function describeEvent(event: QueueEvent): { readonly level: LogLevel; readonly message: string } {
  switch (event.kind) {
    case 'git-process':
      return debug(`git ${event.command}`);
    case 'following':
      return debug('another agentq process carries this out along with its own');
    case 'queueing':
      return debug('the push limit is reached: waiting for another push to end');
    case 'turn':
      return debug(`it is this push's turn (after ${Math.round(event.elapsedMs)} ms)`);
    case 'looked':
      return debug(`the branch is at ${short(event.tip)} (${Math.round(event.elapsedMs)} ms)`);
    case 'fetched':
      return debug(`read the queue at ${short(event.tip)} (${Math.round(event.elapsedMs)} ms)`);
    case 'decided': {
      const { intents, commits, refused, elapsedMs } = event;
      const no = refused === 0 ? '' : `, ${refused} refused`;
      return debug(
        `decided what becomes of ${counted(intents, 'intent')}: ${counted(commits, 'commit')}${no} (${Math.round(elapsedMs)} ms)`,
      );
    }
    case 'pushed': {
      return debug(
        `pushed ${counted(event.commits, 'commit')}, the branch is at ${short(event.commit)} (${Math.round(event.elapsedMs)} ms)`,
      );
    }
    case 'rejected':
      return debug(`another push was first (attempt ${event.attempt}): ${event.words}`);
    case 'retrying': {
      const delay = formatDuration(event.delayMs);
      // Before the first push there is no rate: the base is adapted to a guess, or to an earlier rate.
      const rate = event.rate === undefined ? '' : `${Math.round(event.rate * 100)}% of pushes rejected lately, `;
      return {
        level: 'info',
        message: `${event.reason}; attempt ${event.attempt} in ${delay} (${rate}base ${event.baseMs} ms)`,
      };
    }
    case 'still-waiting': {
      const elapsed = formatDuration(Math.round(event.elapsedMs / 1000) * 1000);
      return { level: 'info', message: `still waiting for ${event.what} (${elapsed})` };
    }
    case 'resolved':
      return debug(
        event.verdict === 'landed'
          ? 'it has been carried out, by an earlier push or by another machine'
          : 'it has not been carried out, neither by an earlier push nor by another machine',
      );
    case 'unreadable-task': {
      const line = event.line === undefined ? '' : `:${event.line}`;
      return { level: 'warning', message: `${event.file}${line}: ${event.message}` };
    }
    case 'warning':
      return { level: 'warning', message: event.message };
  }
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function debug(message: string): { readonly level: LogLevel; readonly message: string } {
  return { level: 'debug', message };
}

function prefixOf(level: LogLevel): string {
  return level === 'error' || level === 'warning' ? `${level}: ` : '';
}

function paint(style: Style, level: LogLevel, text: string): string {
  switch (level) {
    case 'error':
      return style.red(text);
    case 'warning':
      return style.yellow(text);
    case 'info':
      return text;
    case 'debug':
      return style.dim(text);
  }
}

function short(commit: string | undefined): string {
  return commit === undefined ? 'no commit: it does not exist' : commit.slice(0, 10);
}
