import { closeSync, openSync } from 'node:fs';

/** Files that node opens for a process with three pipes, before it closes what belongs to the process, and some to spare. */
const FILES_FOR_PROCESS = 12;

let hasFailed = false;

/**
 * Starts a process, unless this one has run out of files before and has none for it now.
 *
 * Where node gets as far as the pipes and not further, it loses them: three files for each try, until nothing can be
 * started any more, whatever has ended meanwhile. So from the first such failure on it is looked before each start.
 * @param start returns what was started, with its id where it was
 * @throws an error with `EMFILE` in its message; what `start` throws
 */
export function withRoomForProcess<T extends { readonly pid?: number | undefined }>(start: () => T): T {
  if (hasFailed && !hasRoom()) throw new Error('spawn EMFILE');
  const started = start();
  // The reason comes later, as an event. Another reason makes us look for nothing, which costs little.
  if (started.pid === undefined) hasFailed = true;
  return started;
}

function hasRoom(): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < FILES_FOR_PROCESS) opened.push(openSync('/dev/null', 'r'));
    return true;
  } catch {
    return false;
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}
