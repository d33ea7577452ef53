import { promises as fs, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Reading } from '../../domain/queue/snapshot.ts';
import { takeLock } from '../../git/repository/lock-file.ts';
import type { FoundTask } from './discover.ts';
import { formatIndex, KnownReadings, parseIndex } from './index-format.ts';

/** A few readings more are not worth writing the index anew: parsing 32 files takes about 5 ms. */
const FEWEST_NEW = 32;
/** Parsing a file takes 20 times as long as writing a line again: for a hundredth, five claims make up for that. */
const SHARE_NEW = 1 / 100;

/** An index as it was loaded. */
export interface LoadedIndex {
  readonly readings: KnownReadings;
  /** Tells whether the file is still the one that was read. */
  readonly stamp: string;
}

/**
 * Readings of task files by blob id, kept in the repository's git directory from one command to the next: a claim asks
 * for every ready task, and parsing 100,000 takes nine seconds.
 *
 * It never changes an answer, only how long it takes: one file, with a checksum over all of it and the version of the
 * codec in its first line, so that one that is damaged, cut or of another version counts as none. It is written aside and
 * renamed, by one process at a time; whoever finds another one writing lets it. Where it cannot be written, there is none.
 * It holds what was in the queue when it was written, and is written anew when more than half of that is gone.
 */
export class IndexCache {
  readonly #folder: string;
  readonly #path: string;

  /**
   * @param commonDir git directory that all worktrees share
   * @param queue stands for the remote and the branch
   */
  constructor(commonDir: string, queue: string) {
    this.#folder = join(commonDir, 'agentq');
    this.#path = join(this.#folder, `readings-${queue.replace(/[^A-Za-z0-9_-]/g, '_')}`);
  }

  /** What the file holds; nothing where there is none that can be used. */
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
   * Writes the index anew where that is worth it. Never throws.
   * @param tasks all of the queue: what is known of others is forgotten
   * @param fresh readings that were not known, by position in `tasks`
   * @param used how many of the known ones were of use
   */
  async keep(
    { readings, stamp }: LoadedIndex,
    tasks: readonly FoundTask[],
    fresh: ReadonlyMap<number, Reading>,
    used: number,
  ): Promise<void> {
    const isMuchNew = fresh.size >= Math.max(FEWEST_NEW, readings.size * SHARE_NEW);
    if (!isMuchNew && !isMostlyGone(readings, tasks, used)) return;
    try {
      await fs.mkdir(this.#folder, { recursive: true });
      // A hundred processes that come at once must not write the same twenty megabytes a hundred times.
      const lock = await takeLock(`${this.#path}.lock`, { waitMs: 0 });
      if (lock === undefined) return;
      try {
        if (this.#stamp() !== stamp) return;
        const draft = `${this.#path}.new`;
        await fs.writeFile(draft, formatIndex(readings, tasks, fresh));
        await fs.rename(draft, this.#path);
      } finally {
        lock.release();
      }
    } catch {
      // A full disk, or a git directory that is read-only: every process reads for itself.
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

/** Looked at closely only where less than half of it was asked for. */
function isMostlyGone(readings: KnownReadings, tasks: readonly FoundTask[], used: number): boolean {
  const isHalf = (part: number): boolean => part * 2 >= readings.size - FEWEST_NEW;
  return !isHalf(used) && !isHalf(tasks.filter((task) => readings.has(task)).length);
}
