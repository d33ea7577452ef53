import { parseEnv } from '@simple-git/argv-parser';
import { GitError as SimpleGitError, type SimpleGitOptions, simpleGit } from 'simple-git';
import { given } from '../../domain/base/given.ts';
import type { GitResult } from './git-error.ts';
import { releaseStderr } from './release-stderr.ts';

/** Runs a complete git command line to its end. Exit codes are results, not errors. */
export type Runner = (commandLine: string[]) => Promise<GitResult>;

/** simple-git passes on only its own errors. */
class Exited extends SimpleGitError {
  readonly result: GitResult;

  constructor(result: GitResult) {
    super();
    this.result = result;
  }
}

/**
 * simple-git protects callers that pass on untrusted strings: anything that could make git run another program, or use
 * another configuration, must be allowed by kind. The environment belongs to the user, so exactly the kinds that it
 * sets (ssh, credentials, configuration) are allowed. Our command lines need only one kind.
 */
function allowedBy(env: Readonly<Record<string, string>>): NonNullable<SimpleGitOptions['unsafe']> {
  const kinds = new Set(parseEnv(env).vulnerabilities.map(({ category }) => category));
  return {
    ...Object.fromEntries([...kinds].map((kind) => [kind, true])),
    // Every command line sets it, to run none of the repository's hooks.
    allowUnsafeHooksPath: true,
    // false would set GIT_TEST_DISALLOW_ABBREVIATED_OPTIONS, also for the server hooks of a file:// remote.
    allowAbbreviatedOptions: true,
  };
}

/** Opens simple-git in one folder. When the signal is aborted, every process is ended. */
export function openSimpleGit(dir: string, env: Record<string, string>, signal: AbortSignal | undefined): Runner {
  const options: Partial<SimpleGitOptions> = {
    baseDir: dir,
    maxConcurrentProcesses: 8,
    unsafe: allowedBy(env),
    allowEnvironment: Object.keys(env),
    // Not the `exit` event: with its default of 50 ms, a process that was not scheduled for that long loses output.
    completion: { onClose: true, onExit: false },
    errors: (error, { exitCode, stdOut, stdErr }) => {
      if (error !== undefined && !Buffer.isBuffer(error) && !(error instanceof SimpleGitError)) return error;
      // raw() would resolve for a failed command with an empty stderr, and its errors have no exit code.
      if (exitCode === 0 && error === undefined) return undefined;
      return new Exited({ exitCode, stdout: text(stdOut), stderr: text(stdErr) });
    },
    ...given({ abort: signal }),
  };
  const git = simpleGit(options).env(env);
  git.outputHandler((_command, stdout, stderr) => {
    limit(stdout, MOST_BYTES);
    limit(stderr, MOST_WORDS);
    // A command that prints nothing would be held back for 50 ms: 54 ms instead of 3.
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

/** Most bytes that a command may print on stdout and on stderr: simple-git collects them all. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_WORDS = 4 * 1024 * 1024;

/** Closes a stream that exceeds the limit; git ends when it writes to it again. */
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
