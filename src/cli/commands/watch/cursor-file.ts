import { readFile, rename, writeFile } from 'node:fs/promises';
import { Failure } from '../../../domain/base/failure.ts';
import { quote } from '../../../domain/base/names.ts';
import { type Cursor, parseCursor } from '../../../domain/past/cursor.ts';

/** Most bytes of a cursor: it names a commit for each branch. */
const LONGEST = 1_000_000;

/** A file that says how far a watcher has got, so that the next one continues there. */
export class CursorFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @returns undefined if there is no such file yet
   * @throws Failure `config-invalid` if it has something else in it, or cannot be read
   */
  async read(): Promise<Cursor | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.#unusable('cannot be read', cause);
    }
    const cursor = text.length > LONGEST ? undefined : parseCursor(text.trim());
    if (cursor === undefined) throw this.#unusable('is not a cursor file');
    return cursor;
  }

  /**
   * Replaces the file as a whole: a process that is killed meanwhile leaves the old one.
   * @throws Failure `config-invalid` if it cannot be written
   */
  async write(cursor: string): Promise<void> {
    const next = `${this.#path}.next`;
    try {
      await writeFile(next, `${cursor}\n`, { mode: 0o600 });
      await rename(next, this.#path);
    } catch (cause) {
      throw this.#unusable('cannot be written', cause);
    }
  }

  #unusable(how: string, cause?: unknown): Failure {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    return new Failure('config-invalid', `--state ${quote(this.#path)} ${how}${why}`, { cause });
  }
}
