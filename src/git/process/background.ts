import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/**
 * Starts a git that nobody waits for and that may outlive this process: in a group of its own, without pipes, at the
 * lowest priority. Never throws: if it cannot be started, it is not.
 */
export function startInBackground(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): void {
  // What is started for a whole clone does not end with the task whose command happened to start it.
  const { AGENTQ_CLAIM_ID: _, ...env } = options.env;
  try {
    const child = spawn('git', args, { ...options, env, detached: true, stdio: 'ignore', windowsHide: true });
    child.once('error', () => {});
    child.unref();
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  } catch {
    // No process to be had, or it has ended already.
  }
}
