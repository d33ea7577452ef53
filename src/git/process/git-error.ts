import { plainLines } from './words.ts';

/** The result of a finished git process. `stdout` and `stderr` are decoded as UTF-8. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Git ran and failed. `message` is the short form of what it printed. */
export class GitError extends Error implements GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The arguments of the command, without settings. */
  readonly args: readonly string[];

  constructor(args: readonly string[], result: GitResult) {
    super(plainLines(result.stderr).slice(0, 3).join('; ') || `git exited with ${result.exitCode}`);
    this.name = 'GitError';
    this.args = args;
    this.exitCode = result.exitCode;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
  }
}
