import { promises as fs, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Reading } from '../../domain/queue/snapshot.ts';
import { takeLock } from '../../git/repository/lock-file.ts';
import type { FoundTask } from './discovery.ts';
import { formatIndex, KnownReadings, parseIndex } from './index-format.ts';

/** A few more readings are not worth writing the index again: parsing 32 files takes about 5 ms. */
const FEWEST_NEW = 32;
/**
 * Parsing a file takes 20 times as long as writing a line again: if a hundredth is new, five claims make up for that.
 */
const SHARE_NEW = 1 / 100;

export interface LoadedIndex {
  readonly readings: KnownReadings;
  /** Tells whether the file is still the one that was read. */
  readonly stamp: string;
}

/**
 * Readings of task files by blob id, kept in the repository's git directory from one command to the next: a claim asks
 * for every ready task, and parsing 100,000 takes nine seconds.
 *
 * It never changes an answer, only how long it takes. It is one file, with a checksum over all of it and the version of
 * the codec in its first line, so that a file that is damaged, cut or of another version does not count. One process at
 * a time writes it, to another file that it renames; a process that finds another one writing leaves it to that one. If
 * it cannot be written, there is none. It holds what was in the queue when it was written, and is written again when
 * more than half of that is gone.
 */
export class IndexCache {
  readonly #folder: string;
  readonly #path: string;

  /**
   * @param commonDir git directory that all worktrees share
   * @param queue identifies the remote and the branch
   */
  constructor(commonDir: string, queue: string) {
    this.#folder = join(commonDir, 'agentq');
    this.#path = join(this.#folder, `readings-${queue.replace(/[^A-Za-z0-9_-]/g, '_')}`);
  }

  /** What the file holds; nothing if there is none that can be used. */
  load(): LoadedIndex {
    const stamp = this.#stamp();
    const bytes = stamp === '' ? undefined : this.#read();
    return { readings: (bytes && parseIndex(bytes)) ?? KnownReadings.none(), stamp };
  }

  #read(): Buffer | undefined {
    try {
      return readFileSync(this.#path);
    } catch {
      return undefined;
    }
  }

  /**
   * Writes the index again if that is worth it. Never throws.
   * @param tasks those of the queue: what is known of others is forgotten
   * @param fresh readings that were not known, by position in `tasks`
   * @param used how many of the known ones were of use
   * @param unlisted the other tasks of the queue
   */
  async keep(
    { readings, stamp }: LoadedIndex,
    tasks: readonly FoundTask[],
    fresh: ReadonlyMap<number, Reading>,
    used: number,
    unlisted: () => readonly FoundTask[] = () => [],
  ): Promise<void> {
    const isMuchNew = fresh.size >= Math.max(FEWEST_NEW, readings.size * SHARE_NEW);
    const all = (): FoundTask[] => [...tasks, ...unlisted()];
    if (!isMuchNew && !isMostlyGone(readings, all, used)) return;
    try {
      await fs.mkdir(this.#folder, { recursive: true });
      // A hundred processes that start at once must not write the same twenty megabytes a hundred times.
      const lock = await takeLock(`${this.#path}.lock`, { waitMs: 0 });
      if (lock === undefined) return;
      try {
        if (this.#stamp() !== stamp) return;
        const draft = `${this.#path}.new`;
        await fs.writeFile(draft, formatIndex(readings, all(), fresh));
        await fs.rename(draft, this.#path);
      } finally {
        lock.release();
      }
    } catch {
      // A full disk, or a read-only git directory: every process reads for itself.
    }
  }

  #stamp(): string {
    try {
      const { ino, size, mtimeMs } = statSync(this.#path);
      return `${ino} ${size} ${mtimeMs}`;
    } catch {
      return '';
    }
  }
}

/** The index for decisions and the one for who shows the whole queue. */
export function indexesOf(commonDir: string, queue: string): [IndexCache, IndexCache] {
  return [new IndexCache(commonDir, queue), new IndexCache(commonDir, `shown-${queue}`)];
}

/** The tasks are counted only if less than half of the index was asked for. */
function isMostlyGone(readings: KnownReadings, tasks: () => readonly FoundTask[], used: number): boolean {
  const isHalf = (part: number): boolean => part * 2 >= readings.size - FEWEST_NEW;
  return !isHalf(used) && !isHalf(tasks().filter((task) => readings.has(task)).length);
}
