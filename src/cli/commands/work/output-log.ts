import { constants, createWriteStream, fstatSync, lstatSync, openSync, type WriteStream } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { finished } from 'node:stream/promises';
import { isoSeconds } from '../../../domain/base/clock.ts';
import { formatDuration } from '../../../domain/base/duration.ts';
import { Failure } from '../../../domain/base/failure.ts';
import type { Job } from '../../../engine/work/job.ts';
import type { TaskEnd } from '../../../engine/work/workspace.ts';
import { makeFolder } from '../../../git/repository/make-folder.ts';
import { drainedOf } from '../../output/io.ts';

const LINE_FEED = 0x0a;

/** All output of the commands for one task, in `<dir>/<project>/<TASK-ID>.log`. Later tries are appended. */
export class OutputLog {
  readonly path: string;
  readonly #stream: WriteStream;
  #error: Error | undefined;
  #isLineOpen = false;

  /**
   * @param cwd where the commands run: another user may have committed what is in there, so links are not followed
   * @throws if the folder or the file cannot be made, or is something else
   */
  constructor(dir: string, { task }: Job, cwd: string) {
    const folder = join(dir, task.project);
    refuseLinks(cwd, folder);
    makeFolder(folder);
    this.path = join(folder, `${task.id}.log`);
    this.#stream = createWriteStream(this.path, { fd: openToAppend(this.path) });
    this.#stream.on('error', (error) => {
      this.#error ??= error;
    });
  }

  /**
   * Makes the folder of all logs, before anything is claimed.
   * @throws Failure `machine-unusable` if that cannot be, `config-invalid` if it is a link
   */
  static prepare(dir: string, cwd: string): void {
    try {
      refuseLinks(cwd, dir);
      makeFolder(dir);
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      const message = `the folder for logs cannot be used: ${cause instanceof Error ? cause.message : cause}`;
      throw new Failure('machine-unusable', message, { hint: 'name another one with --log-dir', cause });
    }
  }

  /** Writes a line that says whose output follows. */
  head({ agent, claimId }: Job, attempt: number, now: number): void {
    this.write(`# ${isoSeconds(now)} ${agent} attempt ${attempt} claim ${claimId}\n`);
  }

  /** The same for a check. */
  headOfCheck({ agent }: Job, check: string, now: number): void {
    this.write(`# ${isoSeconds(now)} ${agent} check ${check}\n`);
  }

  /** Writes what became of the task: its end, how long that took, and the commit that says so. */
  tail({ agent }: Job, { outcome, reason, exitCode, elapsedMs, commit }: TaskEnd, now: number): void {
    const end = reason ?? `ended with ${exitCode ?? 0}`;
    const where = commit === undefined ? 'no commit' : `commit ${commit}`;
    // The output may have ended within a line.
    const line = `# ${isoSeconds(now)} ${agent} ${outcome}: ${end}; after ${formatDuration(elapsedMs)}; ${where}\n`;
    this.write(this.#isLineOpen ? `\n${line}` : line);
  }

  write(bytes: Uint8Array | string): void {
    const last = bytes.at(-1);
    if (last !== undefined) this.#isLineOpen = last !== '\n' && last !== LINE_FEED;
    if (this.#error === undefined) this.#stream.write(bytes);
  }

  /** Settles when the disk has caught up; undefined if it is not behind. */
  drained(): Promise<void> | undefined {
    return drainedOf(this.#stream);
  }

  /** @returns the error that kept output from being written, if any */
  async close(): Promise<Error | undefined> {
    this.#stream.end();
    await finished(this.#stream).catch((error: Error) => {
      this.#error ??= error;
    });
    return this.#error;
  }
}

/** Refuses links between `cwd` and the folder. What is above `cwd` belongs to the user. */
function refuseLinks(cwd: string, folder: string): void {
  const way = relative(cwd, resolve(cwd, folder));
  if (isAbsolute(way) || way.startsWith('..')) {
    refuseLink(folder);
    return;
  }
  let at = cwd;
  for (const step of way.split(sep)) {
    at = join(at, step);
    refuseLink(at);
  }
}

function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new Failure('config-invalid', `--log-dir: ${path} is a symbolic link`, {
      hint: 'remove it, or name the folder that it leads to',
    });
  }
}

function openToAppend(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  refuseLink(path);
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o666);
  if (fstatSync(file).isFile()) return file;
  throw new Failure('config-invalid', `--log-dir: ${path} is not a regular file`);
}
