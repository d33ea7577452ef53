import type { Located } from '../../git/repository/locate.ts';
import { QueueOnlyNote } from '../../store/queue-only-note.ts';

/**
 * Whether the branch holds a queue and no code. Then nobody works with it checked out, and nobody wants to hear that it
 * is not.
 * @param holdsCode looks into a commit of the branch; undefined: no git is running, and none is worth it
 */
export async function isBesideTheCode(
  { commonDir }: Pick<Located, 'commonDir'>,
  branch: string,
  holdsCode: (() => Promise<boolean>) | undefined,
): Promise<boolean> {
  const note = new QueueOnlyNote(commonDir, branch);
  if (note.isThere()) return true;
  if (holdsCode === undefined) return false;
  try {
    if (await holdsCode()) return false;
    note.write();
    return true;
  } catch {
    // The commit is in another clone. What was carried out is not in doubt for that.
    return false;
  }
}
