import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { withRoomForProcess } from './room-for-process.ts';

/** Commands that may start an ssh, a gpg or an ssh-keygen that asks for a passphrase. */
const MAY_ASK: ReadonlySet<string> = new Set([
  'push',
  'fetch',
  'ls-remote',
  'clone',
  'remote-http',
  'remote-https',
  'commit-tree',
]);

/** Running git processes. */
const running = new Set<ChildProcessWithoutNullStreams>();

/**
 * Starts git in a process group of its own, so that Ctrl-C, or a supervisor's signal to our group, reaches this process
 * alone: agentq decides what to end, and can still say what it holds. Git never outlives this process unless this
 * process is killed; then a git that reads our input ends with it.
 *
 * The way node makes such a group, it is also a session without a terminal. So if there is a terminal, a command that
 * may ask for a passphrase stays in our group: if Ctrl-C ends it, it is looked up and tried again, as after any lost
 * answer. Keys without a passphrase, and agents (SSH_AUTH_SOCK), need no terminal.
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

/** Ends every running git with its helpers, when this process ends for any reason. */
export function endGitProcesses(): void {
  for (const { pid } of running) {
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // It has already ended.
    }
  }
}

let terminal: boolean | undefined;

/** Whether there is a terminal to ask a user at, even if our output does not go there. */
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
