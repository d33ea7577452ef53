import { Ownership } from '../../domain/branches/ownership.ts';
import { parsePauses } from '../../domain/pausing/pauses.ts';
import type { PoolSettings } from '../../domain/queue/snapshot.ts';

/**
 * Which projects live where, and what is paused, as a tip of the branch says.
 * @param pauses object id of the file that has the pauses; undefined: there is none
 * @param read the content of a blob
 */
export async function ownershipIn(
  branch: string,
  settings: PoolSettings,
  pauses: string | undefined,
  read: (oid: string) => Promise<Buffer>,
): Promise<Ownership> {
  if (pauses === undefined) return new Ownership(branch, settings);
  return new Ownership(branch, settings, parsePauses((await read(pauses)).toString('utf8')));
}
