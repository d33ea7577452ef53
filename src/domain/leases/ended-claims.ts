import { given } from '../base/given.ts';
import type { CommitDraft } from '../queue/edit.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';
import type { Beat } from './ref-heartbeat.ts';

/** A claim, as heartbeats name it. */
export type NamedClaim = Omit<Beat, 'at'>;

/** The claims of this snapshot that these commits end: nobody needs their heartbeats any more. Pure. */
export function endedClaims({ projects }: QueueSnapshot, commits: readonly CommitDraft[]): readonly NamedClaim[] {
  return commits.flatMap(({ tasks }) =>
    tasks.flatMap(({ key, from, to, fromPath, edits }): NamedClaim[] => {
      const isTaken = edits.some(({ kind }) => kind === 'remove-claim');
      if (from !== 'claimed' || (to === 'claimed' && !isTaken)) return [];
      const entry = projects.get(key.project)?.entries.find(({ path }) => path === fromPath);
      const claim = entry?.reading.kind === 'read' ? entry.reading.task.claim : undefined;
      if (claim?.claimedBy === undefined) return [];
      return [{ agent: claim.claimedBy, task: key, ...given({ claimId: claim.claimId }) }];
    }),
  );
}
