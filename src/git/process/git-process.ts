import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Failure } from '../../domain/base/failure.ts';
import { Answer, Words } from './collected.ts';
import { cannotStart, type GitClient, throwIfAborted } from './git-client.ts';
import type { GitResult } from './git-error.ts';
import { isRunning, killAll, signalTree } from './kill-tree.ts';
import { onAbort } from './on-abort.ts';
import { releaseStderr } from './release-stderr.ts';

/** The result of a process; stdout in bytes. */
export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** If it is long, only its beginning and its end. */
  readonly stderr: string;
  readonly pid: number | undefined;
  /**
   * Why it was ended early: `told` by the signal in its options, `silent` for too long, or `full`: it printed more than
   * the limit, and only the beginning is here. undefined: it ended by itself.
   */
  readonly ended: 'told' | 'silent' | 'full' | undefined;
}

/** What ends a process early. */
export interface ProcessLimits {
  /** When aborted, ends this process and its helpers, in addition to the client's signal. */
  readonly signal?: AbortSignal | undefined;
  /** How long (ms) it may print nothing. */
  readonly silenceMs?: number | undefined;
  /** Most bytes of stdout to read. Default: 64 MB, and more is a failure. */
  readonly mostBytes?: number | undefined;
}

export interface ProcessOptions extends ProcessLimits {
  readonly config?: readonly string[];
  /** Variables in addition to the client's environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Written to stdin, in order; strings as UTF-8. */
  readonly input?: readonly (string | Uint8Array)[];
  /** false: when aborted, it finishes and its result is returned, because it is short and would leave files behind. */
  readonly endOnAbort?: boolean;
}

/** Most bytes of an answer whose length depends on the repository. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Runs git with input until it ends, or until a limit ends it. Exit codes are results, not errors.
 * @throws Failure `interrupted` (after the process has ended), `git-unusable` or `machine-unusable`; the reason of
 * `options.signal`, if it was aborted before the process began
 */
export async function runProcess(
  git: GitClient,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  throwIfAborted(git.signal);
  options.signal?.throwIfAborted();
  const child = git.spawn(args, options.config, options.variables);
  const stdout = new Answer(options.mostBytes ?? MOST_BYTES);
  const stderr = new Words();
  let ended: ProcessResult['ended'];
  const end = (why: ProcessResult['ended']): void => {
    if (ended !== undefined) return;
    ended = why;
    endProcess(child);
  };
  const { silenceMs } = options;
  const silence = silenceMs === undefined ? undefined : setTimeout(() => end('silent'), silenceMs);
  child.stdout.on('data', (chunk: Buffer) => {
    silence?.refresh();
    if (!stdout.add(chunk)) end('full');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    silence?.refresh();
    stderr.add(chunk);
  });
  // A process that ends early (a refused command) closes its input; stderr says why.
  child.stdin.on('error', () => {});
  const unlink = options.endOnAbort === false ? () => {} : endOnAbort(git.signal, child);
  const untell = onAbort(options.signal, () => end('told'));
  // Turns many small pieces into few writes.
  child.stdin.cork();
  for (const piece of options.input ?? []) child.stdin.write(piece);
  child.stdin.end();
  try {
    const exitCode = await closed(child);
    if (options.endOnAbort !== false) throwIfAborted(git.signal);
    if (stdout.isCut && options.mostBytes === undefined) {
      throw new Failure('git-unusable', `git ${args[0]} printed more than ${MOST_BYTES / 1024 / 1024} MB`);
    }
    const words = `${stderr.text()}${lastWords(child, ended)}`;
    return { exitCode, stdout: stdout.bytes(), stderr: words, pid: child.pid, ended };
  } finally {
    clearTimeout(silence);
    unlink();
    untell();
  }
}

/**
 * Streams the output of git. Leaving the loop early ends the process.
 * @throws Failure `interrupted`; an error with git's words if it exits with anything but 0
 */
export async function* streamProcess(
  git: GitClient,
  args: readonly string[],
  config: readonly string[] = [],
): AsyncGenerator<Buffer, void, void> {
  throwIfAborted(git.signal);
  const child = git.spawn(args, config);
  const stderr = new Words();
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end();
  const ended = closed(child);
  // Awaited below; until then, a spawn failure must not count as unhandled.
  ended.catch(() => {});
  const unlink = endOnAbort(git.signal, child);
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const exitCode = await ended;
    throwIfAborted(git.signal);
    if (exitCode !== 0) throw new ProcessError(args, exitCode, stderr.text());
  } finally {
    unlink();
    child.kill('SIGTERM');
    await ended.catch(() => {});
  }
}

/** A streamed command that git refused. */
export class ProcessError extends Error {
  readonly exitCode: number;
  readonly stderr: string;

  constructor(args: readonly string[], exitCode: number, stderr: string) {
    super(`git ${args[0]} exited with ${exitCode}: ${stderr.trim()}`);
    this.name = 'ProcessError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** {@link ProcessResult} as text. */
export interface TextResult extends GitResult {
  readonly ended: ProcessResult['ended'];
}

/**
 * Runs git to its end. Unlike `GitClient.attempt` it does not need simple-git, and when aborted it ends the helpers of
 * git too: for the commands of every claim, and for all that talk to a remote. Exit codes are results, not errors.
 * @throws as {@link runProcess}
 */
export async function runText(
  git: GitClient,
  args: readonly string[],
  config: readonly string[] = [],
  limits: ProcessLimits & Pick<ProcessOptions, 'variables'> = {},
): Promise<TextResult> {
  const { exitCode, stdout, stderr, ended } = await runProcess(git, args, { ...limits, config });
  return { exitCode, stdout: stdout.toString('utf8'), stderr, ended };
}

/** When the signal is aborted, ends the child and everything it started. @returns a function that cancels this */
export function endOnAbort(signal: AbortSignal | undefined, child: ChildProcessWithoutNullStreams): () => void {
  return onAbort(signal, () => endProcess(child));
}

/** What git can no longer say itself: it was killed, for lack of memory or by another process. */
export function lastWords(child: ChildProcessWithoutNullStreams, ended: ProcessResult['ended']): string {
  return child.signalCode === 'SIGKILL' && ended === undefined ? '\ngit was ended by SIGKILL\n' : '';
}

/** How long (ms) a process may take to end: git removes its lock files and drafts in that time. */
const LAST_MOMENTS_MS = 2_000;

/**
 * Asks the process and everything it started to end. After two seconds, kills what is left and does not wait for it.
 */
export function endProcess(child: ChildProcessWithoutNullStreams): void {
  const tree = signalTree(child.pid, 'SIGTERM');
  const timer = setTimeout(() => {
    killAll(tree, 'SIGKILL');
    // Another process may hold the other ends of its pipes.
    child.stdout.destroy();
    child.stderr.destroy();
  }, LAST_MOMENTS_MS);
  child.once('close', () => {
    // A helper that does not end may outlive git, but nothing waits for it.
    if (tree.some(isRunning)) timer.unref();
    else clearTimeout(timer);
  });
}

/** Resolves with the exit code (255 if a signal ended it) once all output was read. */
export function closed(child: ChildProcessWithoutNullStreams): Promise<number> {
  child.stdout.once('end', () => releaseStderr(child.stderr));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotStart(error.message, error)));
    child.once('close', (code) => resolve(code ?? 255));
  });
}
