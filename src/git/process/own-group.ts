import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { withRoomForProcess } from './room-for-process.ts';

/** What may reach another machine, and so may start an ssh that asks for a passphrase. */
const MAY_ASK: ReadonlySet<string> = new Set(['push', 'fetch', 'ls-remote', 'clone']);

/** Git processes that run. */
const running = new Set<ChildProcessWithoutNullStreams>();

/**
 * Starts git in a process group of its own, so that Ctrl-C and the signal of a supervisor to our group reach us alone: we
 * decide what is ended, and what we hold can still be said. It never outlives this process unless that is killed; then
 * what reads our input ends with it.
 *
 * A group of its own is, as node makes it, also a session without a terminal. What may have to ask for a passphrase stays
 * in ours where there is a terminal to ask at: ended by Ctrl-C it is looked up and tried again, as after any lost answer.
 * Keys without a passphrase, and agents (SSH_AUTH_SOCK), need no terminal.
 */
export function startInOwnGroup(
  command: string | undefined,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): ChildProcessWithoutNullStreams {
  const isOwn = process.platform !== 'win32' && !(command !== undefined && MAY_ASK.has(command) && hasTerminal());
  const child = withRoomForProcess(() => spawn('git', args, { ...options, detached: isOwn, windowsHide: true }));
  if (!isOwn) return child;
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Ends every git that runs, with the helpers that it has started: for the end of this process, whatever the reason. */
export function endGitProcesses(): void {
  for (const { pid } of running) {
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // Gone already.
    }
  }
}

let terminal: boolean | undefined;

/** Whether somebody could be asked: not whether our own output goes there. */
function hasTerminal(): boolean {
  if (terminal === undefined) {
    try {
      closeSync(openSync('/dev/tty', 'r'));
      terminal = true;
    } catch {
      terminal = false;
    }
  }
  return terminal;
}
