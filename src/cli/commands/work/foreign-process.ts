import type { Clock } from '../../../domain/base/clock.ts';
import { isRunning, killTree } from '../../../git/process/kill-tree.ts';

/** How often (ms) to look whether a process that is not our child has ended: no event says so. */
const LOOK_MS = 1_000;

/** Resolves when the process has ended. @throws the reason of the signal */
export async function ended(pid: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (isRunning(pid)) await clock.sleep(LOOK_MS, signal);
}

/** Asks the process and everything it started to end, and kills what has not ended after `graceMs`. */
export async function stopProcess(pid: number, graceMs: number, clock: Clock): Promise<void> {
  killTree(pid);
  for (const until = clock.now() + graceMs; isRunning(pid); ) {
    const left = until - clock.now();
    if (left <= 0) return killTree(pid, 'SIGKILL');
    await clock.sleep(Math.min(left, LOOK_MS / 10));
  }
}
