import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The folder in which processes of this user meet: `$XDG_RUNTIME_DIR/agentq`, else `agentq-<uid>` in the temporary
 * folder. It must be ours alone: a folder that another user made, or that others may enter, is not used.
 *
 * @returns undefined if there is none; combining is an optimisation, so that is not a failure
 */
export function runtimeFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const uid = process.getuid?.();
  const base = absolute(env.XDG_RUNTIME_DIR);
  try {
    const folder = base === undefined ? join(temporaryFolder(env), `agentq-${uid ?? 'user'}`) : join(base, 'agentq');
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) make(folder);
    const stat = lstatSync(folder);
    const isOurs = stat.isDirectory() && (uid === undefined || stat.uid === uid) && (stat.mode & 0o077) === 0;
    return isOurs ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The path if it is absolute: a relative one would be a folder in the checkout of each process, so they would not meet.
 */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** Node's own answer comes from the same variable, and may be relative too. */
function temporaryFolder(env: Readonly<Record<string, string | undefined>>): string {
  return absolute(env.TMPDIR) ?? absolute(tmpdir()) ?? '/tmp';
}

/** Another process may make the folder at the same moment. */
function make(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** A short name for what the processes must have in common: socket paths are limited to 104 bytes on macOS. */
export function shortKey(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}
