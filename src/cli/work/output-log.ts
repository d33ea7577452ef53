import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { isoSeconds } from '../../domain/clock.ts';
import type { Job } from '../../engine/work/ports.ts';

/** Everything that the commands for one task have said, in `<dir>/<project>/<TASK-ID>.log`; later tries are appended. */
export class OutputLog {
  readonly path: string;
  readonly #stream: WriteStream;
  #error: Error | undefined;

  /** @throws where the folder cannot be made */
  constructor(dir: string, { task }: Job) {
    const folder = join(dir, task.project);
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, `${task.id}.log`);
    this.#stream = createWriteStream(this.path, { flags: 'a' });
    this.#stream.on('error', (error) => {
      this.#error ??= error;
    });
  }

  /** A line that says whose output follows. */
  head({ agent, claimId }: Job, attempt: number, now: number): void {
    this.write(`# ${isoSeconds(now)} ${agent} attempt ${attempt} claim ${claimId}\n`);
  }

  write(bytes: Uint8Array | string): void {
    if (this.#error === undefined) this.#stream.write(bytes);
  }

  /** @returns what kept it from being written, if anything did */
  async close(): Promise<Error | undefined> {
    this.#stream.end();
    await finished(this.#stream).catch((error: Error) => {
      this.#error ??= error;
    });
    return this.#error;
  }
}
