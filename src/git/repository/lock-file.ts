import { randomBytes, randomInt } from 'node:crypto';
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRunning } from '../process/kill-tree.ts';

/** The process that holds a lock file. */
interface Holder {
  readonly pid: number;
  /** When the process started, in units of the system: a pid alone may belong to a newer process. */
  readonly started: string | undefined;
  readonly host: string;
}

export interface LockFile {
  /** Releases the lock. Never throws. */
  release(): void;
}

/** A lock that cannot be read, or that another machine holds, counts as left behind after this long (ms). */
const ABANDONED_AFTER_MS = 60_000;

/**
 * Waits for the lock file `path`, at most `waitMs`. Breaks the lock of a process that has ended.
 * @returns undefined if another process still holds it at the end
 */
export async function takeLock(
  path: string,
  options: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
): Promise<LockFile | undefined> {
  const deadline = process.uptime() * 1000 + options.waitMs;
  for (let pause = 4; ; pause = Math.min(pause * 1.5, 50)) {
    const lock = tryLock(path);
    if (typeof lock === 'object') return lock;
    if (isStale(path, lock)) breakLock(path, lock);
    else if (process.uptime() * 1000 >= deadline || options.signal?.aborted) return undefined;
    else await new Promise((resolve) => setTimeout(resolve, randomInt(Math.ceil(pause / 2), Math.ceil(pause * 1.5))));
  }
}

/**
 * Makes the lock appear with its content in one step: it links a finished file to the name, which fails if the name is
 * taken. (If the file were created first and then written, another process could see it empty, and a crash could leave
 * it so.)
 * @returns if it is taken, the current time by the clock of the file system (ms)
 */
function tryLock(path: string): LockFile | number {
  const content = JSON.stringify({
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
  } satisfies Holder);
  const draft = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
  let now = 0;
  try {
    writeFileSync(draft, content, { flag: 'wx', mode: 0o600 });
    now = statSync(draft).mtimeMs;
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return now;
    // A file system without hard links.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) throw error;
    try {
      writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    } catch (second) {
      if (codeOf(second) === 'EEXIST') return now;
      throw second;
    }
  } finally {
    remove(draft);
  }
  return { release: () => remove(path) };
}

function isStale(path: string, now: number): boolean {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    if (holder.host === hostname() && typeof holder.pid === 'number') {
      return !isRunning(holder.pid) || startOf(holder.pid) !== holder.started;
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
  }
  try {
    return now - statSync(path).mtimeMs > ABANDONED_AFTER_MS;
  } catch {
    return false;
  }
}

/**
 * Renames the stale lock before deleting it: of several processes that find it, only one succeeds. If a live lock has
 * replaced it in between, that one is put back.
 */
function breakLock(path: string, now: number): void {
  const aside = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (!isStale(aside, now)) {
    try {
      linkSync(aside, path);
    } catch {
      // Another process took the free name: two now hold the lock, and git's own index.lock is the safety net.
    }
  }
  remove(aside);
}

/** Start time in clock ticks since boot (field 22 of /proc/<pid>/stat); undefined if there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it may contain spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is already gone.
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
