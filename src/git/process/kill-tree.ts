import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends a process and all that it started. Git leaves its helpers alone when it is ended: `git-remote-http` would wait for
 * its answer for as long as the server likes, and a push it carries could land after we said that it was interrupted.
 * (Not by its process group: where there is a terminal, what talks to a remote is in ours; see `own-group.ts`.)
 */
export function killTree(pid: number | undefined, signal: NodeJS.Signals = 'SIGTERM'): void {
  signalTree(pid, signal);
}

/**
 * As {@link killTree}.
 * @returns whom it has signalled: once their parent is gone, nobody can tell any more that they belonged to it
 */
export function signalTree(pid: number | undefined, signal: NodeJS.Signals): readonly number[] {
  if (pid === undefined) return [];
  const tree = [pid, ...descendants(pid)];
  killAll(tree, signal);
  return tree;
}

/** Signals each of the processes, in order, as far as they are still there. */
export function killAll(pids: readonly number[], signal: NodeJS.Signals): void {
  // From the top: who is gone starts nothing more.
  for (const each of pids) {
    try {
      process.kill(each, signal);
    } catch {
      // Gone already.
    }
  }
}

/** Whether there is a process with this id; also one that is not ours. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** All that a process has started, and all that those have: children come after their parents. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const [child, parent] of processTable()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [child]);
    else siblings.push(child);
  }
  const found = [...(children.get(pid) ?? [])];
  // Grows while it is walked.
  for (const child of found) found.push(...(children.get(child) ?? []));
  return found;
}

/** Pairs of process and parent. */
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
