import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Failure } from '../../domain/base/failure.ts';
import { Answer, Words } from './collected.ts';
import { cannotStart, type GitClient, throwIfAborted } from './git-client.ts';
import type { GitResult } from './git-error.ts';
import { isRunning, killAll, signalTree } from './kill-tree.ts';
import { onAbort } from './on-abort.ts';
import { releaseStderr } from './release-stderr.ts';

/** What a process with input gave; stdout as bytes. */
export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** Beginning and end of it, where it is long. */
  readonly stderr: string;
  readonly pid: number | undefined;
  /**
   * Why it was ended before its time: `told` by the signal in its options, `silent` for too long, or `full`: it printed
   * more than is taken, and the beginning is here. undefined: it ended by itself.
   */
  readonly ended: 'told' | 'silent' | 'full' | undefined;
}

/** What ends a process before its time. */
export interface ProcessLimits {
  /** Ends this process and its helpers when aborted, beside the client's own signal. */
  readonly signal?: AbortSignal | undefined;
  /** How long (ms) it may print nothing. */
  readonly silenceMs?: number | undefined;
  /** Most bytes of stdout that are taken. Not given: 64 MB, and more of it is a failure. */
  readonly mostBytes?: number | undefined;
}

export interface ProcessOptions extends ProcessLimits {
  readonly config?: readonly string[];
  /** Written to stdin, in order; strings as UTF-8. */
  readonly input?: readonly (string | Uint8Array)[];
  /** false: it is let finish when aborted and its result returned, because it is short and would leave files behind. */
  readonly endOnAbort?: boolean;
}

/** Most bytes of an answer whose length depends on the repository. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Runs git with input to its end, or to that of its limits.
 * @throws Failure `interrupted` (after the process is gone), `git-unusable` or `machine-unusable`; what `options.signal`
 * was aborted with, if that was before it began. Exit codes are an answer.
 */
export async function runProcess(
  git: GitClient,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  throwIfAborted(git.signal);
  options.signal?.throwIfAborted();
  const child = git.spawn(args, options.config);
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
  // A process that ends early (a refused command) closes its input; what it says is on stderr.
  child.stdin.on('error', () => {});
  const unlink = options.endOnAbort === false ? () => {} : endOnAbort(git.signal, child);
  const untell = onAbort(options.signal, () => end('told'));
  // Many small pieces become few writes.
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
 * Streams what git prints. Leaving the loop early ends the process.
 * @throws Failure `interrupted`; an error with git's words when it exits other than 0.
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
  // Awaited below; a spawn failure must not count as unhandled meanwhile.
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
 * Runs git to its end. Unlike `GitClient.attempt` it needs no simple-git, and ends the helpers of git too when aborted:
 * for what every claim asks, and for what talks to a remote.
 * @throws as {@link runProcess}. Exit codes are an answer.
 */
export async function runText(
  git: GitClient,
  args: readonly string[],
  config: readonly string[] = [],
  limits: ProcessLimits = {},
): Promise<TextResult> {
  const { exitCode, stdout, stderr, ended } = await runProcess(git, args, { ...limits, config });
  return { exitCode, stdout: stdout.toString('utf8'), stderr, ended };
}

/** Ends the child and what it started when the signal is aborted. @returns what takes that back. */
export function endOnAbort(signal: AbortSignal | undefined, child: ChildProcessWithoutNullStreams): () => void {
  return onAbort(signal, () => endProcess(child));
}

/** What git cannot say any more itself: memory that ran out ends it so, or somebody on this machine. */
export function lastWords(child: ChildProcessWithoutNullStreams, ended: ProcessResult['ended']): string {
  return child.signalCode === 'SIGKILL' && ended === undefined ? '\ngit was ended by SIGKILL\n' : '';
}

/** How long (ms) a process that was asked to end has for it: git takes away its lock files and drafts meanwhile. */
const LAST_MOMENTS_MS = 2_000;

/** Asks the process and all that it started to end; who has not after two seconds is ended, and not waited for. */
function endProcess(child: ChildProcessWithoutNullStreams): void {
  const tree = signalTree(child.pid, 'SIGTERM');
  const timer = setTimeout(() => {
    killAll(tree, 'SIGKILL');
    // Somebody else may hold the other ends of its pipes.
    child.stdout.destroy();
    child.stderr.destroy();
  }, LAST_MOMENTS_MS);
  child.once('close', () => {
    // A helper that does not want to end may outlive git; but nobody waits for that.
    if (tree.some(isRunning)) timer.unref();
    else clearTimeout(timer);
  });
}

/** Resolves with the exit code (255 for a signal's sake) once all output was read. */
export function closed(child: ChildProcessWithoutNullStreams): Promise<number> {
  child.stdout.once('end', () => releaseStderr(child.stderr));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotStart(error.message, error)));
    child.once('close', (code) => resolve(code ?? 255));
  });
}
