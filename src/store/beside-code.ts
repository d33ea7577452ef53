import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Whether a branch holds a queue and no code. Then nobody works with it checked out, and nobody wants to be told that
 * it is not. A file in the git directory keeps a "yes", since processes that start no git want to know it. It is
 * optional: if the file cannot be read or written, there is one message more.
 *
 * @param commonDir git directory that all worktrees share
 * @param holdsCode looks into a commit of the branch; undefined: no git is running, and none is worth it
 */
export async function isBesideTheCode(
  commonDir: string,
  branch: string,
  holdsCode: (() => Promise<boolean>) | undefined,
): Promise<boolean> {
  const note = join(commonDir, 'agentq', 'queue-only', encodeURIComponent(branch));
  if (existsSync(note)) return true;
  if (holdsCode === undefined) return false;
  try {
    if (await holdsCode()) return false;
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, '');
    return true;
  } catch {
    // The commit is in another clone, or the file cannot be written. That casts no doubt on what was carried out.
    return false;
  }
}
