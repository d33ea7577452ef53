import { closeSync, existsSync, type FSWatcher, openSync, utimesSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../domain/base/clock.ts';

/** How processes of this user tell each other that a branch has moved. */
export interface MovedHints {
  /** Tells those who listen at this key. It takes some 10 us, and never fails: a hint is optional. */
  tell(key: string): void;
  /** Calls back soon after somebody told. @returns a function that ends that */
  listen(key: string, onHint: () => void): () => void;
}

/** Of hints that come closer together than this (ms), the first and the last count: each costs a look at the remote. */
const LEAST_BETWEEN_MS = 250;

/**
 * {@link MovedHints} over empty files in a folder that only this user can enter: a listener watches one, and whoever
 * tells sets its time. A file stays when nobody listens any more: others may listen at it.
 * @param folderOf the folder; it is asked for when it is first needed. undefined: nobody hears anything
 */
export function movedHints(folderOf: () => string | undefined, clock: Clock): MovedHints {
  const pathOf = (key: string): string | undefined => {
    const folder = folderOf();
    return folder === undefined ? undefined : join(folder, `${key}.moved`);
  };
  return {
    tell(key) {
      try {
        const path = pathOf(key);
        const now = clock.now() / 1000;
        // Mostly nobody listens, and an error costs more than the question.
        if (path !== undefined && existsSync(path)) utimesSync(path, now, now);
      } catch {
        // Whoever listens looks from time to time.
      }
    },
    listen(key, onHint) {
      const over = new AbortController();
      const path = pathOf(key);
      const watcher = path === undefined ? undefined : startWatching(path, apart(onHint, clock, over.signal));
      return () => {
        over.abort();
        watcher?.close();
      };
    },
  };
}

/** @returns undefined if the file cannot be made or watched: the system may have no watches left */
function startWatching(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    closeSync(openSync(path, 'a', 0o600));
    const watcher = watch(path, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Calls at once, and then at most once in a while; the last call is never lost. */
function apart(call: () => void, clock: Clock, over: AbortSignal): () => void {
  let isResting = false;
  let isDue = false;
  const rest = async (): Promise<void> => {
    isResting = true;
    try {
      do {
        isDue = false;
        call();
        await clock.sleep(LEAST_BETWEEN_MS, over);
      } while (isDue);
    } finally {
      isResting = false;
    }
  };
  return () => {
    isDue = true;
    if (!isResting) rest().catch(() => undefined);
  };
}
