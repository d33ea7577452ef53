import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { cannotStart, type GitClient, throwIfAborted } from './git-client.ts';
import type { GitResult } from './git-error.ts';
import { killTree } from './kill-tree.ts';
import { releaseStderr } from './release-stderr.ts';

/** What a process with input gave; stdout as bytes. */
export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly pid: number | undefined;
}

export interface ProcessOptions {
  readonly config?: readonly string[];
  /** Written to stdin, in order; strings as UTF-8. */
  readonly input?: readonly (string | Uint8Array)[];
  /** false: it is let finish when aborted and its result returned, because it is short and would leave files behind. */
  readonly endOnAbort?: boolean;
}

/**
 * Runs git with input to its end.
 * @throws Failure `interrupted` (after the process is gone) or `git-unusable`. Exit codes are an answer.
 */
export async function runProcess(
  git: GitClient,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  throwIfAborted(git.signal);
  const child = git.spawn(args, options.config);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A process that ends early (a refused command) closes its input; what it says is on stderr.
  child.stdin.on('error', () => {});
  const unlink = options.endOnAbort === false ? () => {} : endOnAbort(git.signal, child);
  // Many small pieces become few writes.
  child.stdin.cork();
  for (const piece of options.input ?? []) child.stdin.write(piece);
  child.stdin.end();
  try {
    const exitCode = await closed(child);
    if (options.endOnAbort !== false) throwIfAborted(git.signal);
    return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8'), pid: child.pid };
  } finally {
    unlink();
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
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
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
    if (exitCode !== 0) throw new ProcessError(args, exitCode, Buffer.concat(stderr).toString('utf8'));
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

/**
 * Runs git to its end. Unlike `GitClient.attempt` it needs no simple-git, and ends the helpers of git too when aborted:
 * for what every claim asks, and for what talks to a remote.
 * @throws Failure `interrupted` or `git-unusable`. Exit codes are an answer.
 */
export async function runText(
  git: GitClient,
  args: readonly string[],
  config: readonly string[] = [],
): Promise<GitResult> {
  const { exitCode, stdout, stderr } = await runProcess(git, args, { config });
  return { exitCode, stdout: stdout.toString('utf8'), stderr };
}

/** Kills the child and what it started when the signal is aborted. @returns what takes the listener off again. */
export function endOnAbort(signal: AbortSignal | undefined, child: ChildProcessWithoutNullStreams): () => void {
  if (signal === undefined) return () => {};
  const end = () => killTree(child.pid);
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  return () => signal.removeEventListener('abort', end);
}

/** Resolves with the exit code (128 + n for a signal's sake is 255) once all output was read. */
export function closed(child: ChildProcessWithoutNullStreams): Promise<number> {
  child.stdout.once('end', () => releaseStderr(child.stderr));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotStart(error.message, error)));
    child.once('close', (code) => resolve(code ?? 255));
  });
}
