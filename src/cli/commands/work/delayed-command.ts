import type { RunningCommand } from '../../../engine/work/workspace.ts';
import { notStarted } from './command-process.ts';

/** A command that starts when the work is done, if the work succeeds and nobody has stopped the command by then. */
export function startAfter(work: Promise<unknown>, start: () => RunningCommand): RunningCommand {
  let running: RunningCommand | undefined;
  let isStopped = false;
  const ended = work.then(() => {
    if (isStopped) return { kind: 'signalled', signal: 'SIGTERM', output: [] } as const;
    running = start();
    return running.ended;
  }, notStarted);
  return {
    ended,
    stop(graceMs) {
      isStopped = true;
      running?.stop(graceMs);
    },
    notify: () => running?.notify?.(),
  };
}
