import { parseEnv } from '@simple-git/argv-parser';
import { GitError as SimpleGitError, type SimpleGitOptions, simpleGit } from 'simple-git';
import { given } from '../../domain/base/given.ts';
import type { GitResult } from './git-error.ts';
import { releaseStderr } from './release-stderr.ts';

/** Runs a whole command line of git to its end. Exit codes are an answer. */
export type Runner = (commandLine: string[]) => Promise<GitResult>;

/** simple-git hands on only errors of its own. */
class Exited extends SimpleGitError {
  readonly result: GitResult;

  constructor(result: GitResult) {
    super();
    this.result = result;
  }
}

/**
 * simple-git guards callers that pass on strings of strangers: what could make git run another program, or follow another
 * configuration, has to be allowed by kind. The environment is the user's own, so of what it sets (ssh, credentials,
 * configuration) exactly that is allowed which is there. Of our command lines only one thing is.
 */
function allowedBy(env: Readonly<Record<string, string>>): NonNullable<SimpleGitOptions['unsafe']> {
  const kinds = new Set(parseEnv(env).vulnerabilities.map(({ category }) => category));
  return {
    ...Object.fromEntries([...kinds].map((kind) => [kind, true])),
    // Every command line has it, to run none of the repository's hooks.
    allowUnsafeHooksPath: true,
    // false would set GIT_TEST_DISALLOW_ABBREVIATED_OPTIONS for server hooks of a file:// remote too.
    allowAbbreviatedOptions: true,
  };
}

/** simple-git in one folder; every process is ended when the signal is aborted. */
export function openSimpleGit(dir: string, env: Record<string, string>, signal: AbortSignal | undefined): Runner {
  const options: Partial<SimpleGitOptions> = {
    baseDir: dir,
    maxConcurrentProcesses: 8,
    unsafe: allowedBy(env),
    allowEnvironment: Object.keys(env),
    // Not the `exit` event: with its default of 50 ms, a process that was not scheduled for so long loses output.
    completion: { onClose: true, onExit: false },
    errors: (error, { exitCode, stdOut, stdErr }) => {
      if (error !== undefined && !Buffer.isBuffer(error) && !(error instanceof SimpleGitError)) return error;
      // raw() would resolve for an exit code with nothing on stderr, and its errors carry no exit code.
      if (exitCode === 0 && error === undefined) return undefined;
      return new Exited({ exitCode, stdout: text(stdOut), stderr: text(stdErr) });
    },
    ...given({ abort: signal }),
  };
  const git = simpleGit(options).env(env);
  git.outputHandler((_command, stdout, stderr) => {
    limit(stdout, MOST_BYTES);
    limit(stderr, MOST_WORDS);
    // A command that prints nothing would be held back for 50 ms: 54 instead of 3.
    stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
    stdout.once('end', () => releaseStderr(stderr));
  });
  return async (commandLine) => {
    try {
      return { exitCode: 0, stdout: await git.raw(commandLine), stderr: '' };
    } catch (error) {
      if (error instanceof Exited) return error.result;
      throw error;
    }
  };
}

/** Most bytes that a command may print, and say: simple-git collects them all. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_WORDS = 4 * 1024 * 1024;

/** Closes a stream that gives more than is taken; git ends when it writes to it again. */
function limit(stream: NodeJS.ReadableStream & { destroy?: () => void }, most: number): void {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) stream.destroy?.();
  });
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
