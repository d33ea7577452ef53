import type { Clock } from '../../../domain/base/clock.ts';
import { killTree } from '../../../git/process/kill-tree.ts';

/** How often (ms) it is looked whether a process that is not our child has ended: nobody tells. */
const LOOK_MS = 1_000;

/** Whether there is such a process. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Resolves when the process has ended. @throws what the signal was aborted with */
export async function ended(pid: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (isRunning(pid)) await clock.sleep(LOOK_MS, signal);
}

/** Asks the process and all that it started to end, and kills them where they have not done so in time. */
export async function stopProcess(pid: number, graceMs: number, clock: Clock): Promise<void> {
  killTree(pid);
  for (const until = clock.now() + graceMs; isRunning(pid); ) {
    const left = until - clock.now();
    if (left <= 0) return killTree(pid, 'SIGKILL');
    await clock.sleep(Math.min(left, LOOK_MS / 10));
  }
}
