import { resolve } from 'node:path';
import { Failure } from '../domain/base/failure.ts';
import { given } from '../domain/base/given.ts';
import type { LogLevel } from '../domain/telling/told.ts';
import { givenConfig, resolveConfig } from './command/config.ts';
import { type ContextParts, createContext, type OpenedContext } from './command/context.ts';
import { unknownVariableWarnings } from './command/environment.ts';
import { Input } from './command/input.ts';
import { systemClock } from './command/system.ts';
import { usage } from './command/usage.ts';
import { commandFirst } from './command-first.ts';
import { renderFailure } from './output/document.ts';
import { exitCodeOf } from './output/exit-codes.ts';
import { failureFrom } from './output/failure-from.ts';
import type { Environment, Io } from './output/io.ts';
import { LiveSink } from './output/live-sink.ts';
import { createLog, type Log } from './output/log.ts';
import { guessLogFormat, type LogFormat } from './output/log-format.ts';
import type { Rendering } from './output/rendering.ts';
import { sanitizeLine } from './output/sanitize.ts';
import { PLAIN, type Style, styleFor } from './output/style.ts';
import type { Trace } from './output/trace.ts';
import { parseCommandLine } from './program.ts';
import { topicAsked } from './reference/topic.ts';

/** Parts of the system and the engine that a test may replace. */
export type Substitutes = Pick<ContextParts, 'openQueue' | 'clock' | 'random'>;

/** How a failure is reported; refined once the command line is understood. */
interface Voice {
  answer: 'text' | 'json';
  format: LogFormat;
  level: LogLevel;
  colour: 'auto' | 'never';
  agent: string;
}

/**
 * Runs one command line.
 * @returns the exit code. Every failure becomes a message and an exit code here, and nowhere else.
 */
export async function runCommandLine(
  argv: readonly string[],
  streams: Io,
  env: Environment,
  version: string,
  substitutes: Substitutes = {},
): Promise<number> {
  const stderr = new LiveSink(streams.stderr);
  const io: Io = { ...streams, stderr };
  const voice = guessVoice(argv, env);
  let opened: OpenedContext | undefined;
  let trace: Trace | undefined;
  let exitCode = 0;
  try {
    const topic = topicAsked(commandFirst(argv));
    if (topic !== undefined) {
      const { topicText } = await import('./reference/topic-text.ts');
      io.stdout.write(topicText(topic, Math.min(io.stdout.columns ?? 80, 100)));
      return 0;
    }
    const line = parseCommandLine(argv, {
      version,
      columns: io.stdout.columns,
      env,
      write: (text) => io.stdout.write(text),
    });
    if (line.kind === 'shown') return 0;

    const input = new Input(line.invocation, env);
    refineVoice(voice, input);
    const { prepare } = await line.declaration.load();
    const prepared = prepare(input);
    const configured = givenConfig(input, io.cwd);
    voice.agent = prepared.agent ?? voice.agent;
    const log = logOf(voice, io, env, substitutes);
    for (const warning of unknownVariableWarnings(env)) log.warning(warning);

    const clock = substitutes.clock ?? systemClock;
    const early = await prepared.early({ dir: configured.dir, clock, stdin: io.stdin, signal: io.signal });
    if (early !== undefined) {
      io.stdout.write(early.render(renderingOf(voice, io, env)));
      return early.exitCode;
    }

    trace = await traceOf(input, io, env, log, substitutes);
    const config = await resolveConfig(configured);
    if (config.meet?.notice !== undefined) log.warning(config.meet.notice);
    io.signal.throwIfAborted();
    const { style } = renderingOf(voice, io, env);
    opened = createContext({
      config,
      log,
      logFor: (agent) => logOf({ ...voice, agent }, io, env, substitutes),
      stderr: { sink: stderr, style: styleFor(stderr, env, voice.colour), format: voice.format, level: voice.level },
      io,
      env,
      answer: voice.answer,
      style,
      trace,
      ...substitutes,
    });
    const finished = await prepared.run(opened.context);
    io.stdout.write(finished.render(renderingOf(voice, io, env)));
    exitCode = finished.exitCode;
  } catch (error) {
    const failure = await toFailure(error, io.signal);
    report(failure, voice, io, env, logOf(voice, io, env, substitutes));
    exitCode = exitCodeOf(failure);
  } finally {
    await opened?.close();
  }
  trace?.finish(exitCode);
  return exitCode;
}

/** The code of traces is loaded only where one is wanted. */
async function traceOf(
  input: Input,
  { cwd }: Io,
  env: Environment,
  log: Log,
  substitutes: Substitutes,
): Promise<Trace | undefined> {
  const file = input.typed('trace', (value) => (value.includes('\0') ? 'the file has a NUL in its name' : undefined));
  // Commands of a worker inherit the variable: they would all write the same file.
  const variable = env.AGENTQ_TRACE ?? '';
  if (!['', '0', '1'].includes(variable)) throw usage('AGENTQ_TRACE must be 1 or 0', 'name a file with --trace <file>');
  if (file === undefined && variable !== '1') return undefined;
  const { createTrace } = await import('./output/trace.ts');
  const target =
    file === undefined ? ({ kind: 'lines' } as const) : ({ kind: 'file', path: resolve(cwd, file) } as const);
  return createTrace({ target, command: input.command, clock: substitutes.clock ?? systemClock, log });
}

/** A guess before the command line is parsed: a misspelt option must not turn JSON into text. */
function guessVoice(argv: readonly string[], env: Environment): Voice {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return {
    answer: options.includes('--json') ? 'json' : 'text',
    format: guessLogFormat(argv, env),
    level: 'info',
    colour: options.includes('--no-color') ? 'never' : 'auto',
    agent: 'agentq',
  };
}

function refineVoice(voice: Voice, input: Input): void {
  voice.answer = input.isOn('json') ? 'json' : 'text';
  voice.format = input.word('log-format', ['text', 'json']) ?? 'text';
  voice.level = input.isOn('verbose') ? 'debug' : input.isOn('quiet') ? 'error' : 'info';
  voice.colour = input.isOff('color') ? 'never' : 'auto';
}

function logOf(voice: Voice, io: Io, env: Environment, substitutes: Substitutes): Log {
  return createLog({
    stderr: io.stderr,
    clock: substitutes.clock ?? systemClock,
    agent: voice.agent,
    level: voice.level,
    format: voice.format,
    style: styleFor(io.stderr, env, voice.colour),
  });
}

function renderingOf(voice: Voice, io: Io, env: Environment): Rendering {
  const { isTerminal, columns } = io.stdout;
  return { answer: voice.answer, isTerminal, columns, style: styleFor(io.stdout, env, voice.colour) };
}

/** Turns anything thrown into a failure. Whatever goes wrong after a signal counts as the interruption. */
async function toFailure(error: unknown, signal: AbortSignal): Promise<Failure> {
  // Ctrl-C reaches git too, and git may end first: wait for a signal that is on its way.
  await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) return interruption(error, signal);
  return failureFrom(error);
}

/** The engine may know more than the signal says, such as a claim that could not be given back. */
function interruption(error: unknown, { reason }: AbortSignal): Failure {
  const signalled = reason instanceof Failure ? reason : new Failure('interrupted', 'interrupted');
  if (!(error instanceof Failure) || error.code !== 'interrupted') return signalled;
  const { message, hint } = error;
  const details = { ...error.details, ...signalled.details };
  return new Failure('interrupted', message, { details, ...given({ hint }) });
}

function report(failure: Failure, voice: Voice, io: Io, env: Environment, log: Log): void {
  if (voice.answer === 'json') io.stdout.write(renderFailure(failure, renderingOf(voice, io, env)));
  const { code, message, hint } = failure;
  const isPlain = voice.format === 'text' && (code === 'usage' || code === 'internal');
  if (isPlain) {
    io.stderr.write(plainWords(failure, styleFor(io.stderr, env, voice.colour)));
  } else {
    const stack = env.AGENTQ_DEBUG ? stackOf(failure) : undefined;
    const fields = { code, ...given({ hint, stack }) };
    // An empty queue is an answer, not an error: `-q` is for loops that only want the exit code.
    const say = code === 'nothing-claimable' ? log.info : log.error;
    say(voice.format === 'text' && hint !== undefined ? `${message} (${hint})` : message, fields);
  }
  if (env.AGENTQ_DEBUG && voice.format === 'text') io.stderr.write(`${stackOf(failure)}\n`);
}

/** For typing mistakes and for defects of agentq: without a time and an agent. */
function plainWords(failure: Failure, style: Style = PLAIN): string {
  if (failure.code === 'internal') {
    return `${style.red(sanitizeLine(`agentq: internal error: ${failure.message} (${failure.hint ?? ''})`))}\n`;
  }
  const hint = failure.hint === undefined ? '' : `  ${sanitizeLine(failure.hint)}\n`;
  return `${style.red(sanitizeLine(`agentq: ${failure.message}`))}\n${hint}`;
}

function stackOf(failure: Failure): string {
  const error = failure.cause instanceof Error ? failure.cause : failure;
  return (error.stack ?? error.message).split('\n').map(sanitizeLine).join('\n');
}
