import { closeSync, openSync } from 'node:fs';

/** Files that node opens to start a process with three pipes, before it closes the child's ends, and some to spare. */
const FILES_FOR_PROCESS = 12;

let hasFailed = false;

/**
 * Starts a process, unless this process once ran out of file descriptors and has none left now.
 *
 * If node fails after it opened the pipes, it loses them: three files per try, until nothing can be started any more,
 * even after other processes have ended. So after the first such failure, this function checks before each start.
 * @param start returns the process, without an id if it was not started
 * @throws an error with `EMFILE` in its message; what `start` throws
 */
export function withRoomForProcess<T extends { readonly pid?: number | undefined }>(start: () => T): T {
  if (hasFailed && !hasRoom()) throw new Error('spawn EMFILE');
  const started = start();
  // The reason comes later, as an event. If it is another one, the checks are useless but cheap.
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
