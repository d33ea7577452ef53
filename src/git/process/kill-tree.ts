import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends a process and everything it started. A git that is ended does not end its helpers: `git-remote-http` would wait
 * for the server indefinitely, and its push could land after we said that it was interrupted. (A process group would
 * not do: with a terminal, commands that talk to a remote are in ours; see `own-group.ts`.)
 */
export function killTree(pid: number | undefined, signal: NodeJS.Signals = 'SIGTERM'): void {
  signalTree(pid, signal);
}

/**
 * As {@link killTree}.
 * @returns the processes that were signalled: once their parent has ended, nothing shows that they belonged to it
 */
export function signalTree(pid: number | undefined, signal: NodeJS.Signals): readonly number[] {
  if (pid === undefined) return [];
  const tree = [pid, ...descendants(pid)];
  killAll(tree, signal);
  return tree;
}

/** Signals each of the processes that is still running, in order. */
export function killAll(pids: readonly number[], signal: NodeJS.Signals): void {
  // Parents first: a process that has ended starts no more children.
  for (const each of pids) {
    try {
      process.kill(each, signal);
    } catch {
      // It has already ended.
    }
  }
}

/** Whether there is a process with this id, even if it is not ours. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** All descendants of a process; children come after their parents. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const [child, parent] of processTable()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [child]);
    else siblings.push(child);
  }
  const found = [...(children.get(pid) ?? [])];
  // The list grows during the loop.
  for (const child of found) found.push(...(children.get(child) ?? []));
  return found;
}

/** Pairs of process id and parent id. */
function processTable(): [number, number][] {
  try {
    const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    if (names.length > 0) return names.flatMap((name) => parentOf(Number(name)));
  } catch {
    // No /proc here.
  }
  try {
    const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return listing
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  } catch {
    return [];
  }
}

function parentOf(pid: number): [number, number][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // `pid (name) state ppid ...`; the name may hold spaces and brackets.
    return [[pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
  } catch {
    return [];
  }
}
