import { given } from '../../domain/base/given.ts';
import { claimName } from '../../domain/leases/ref-heartbeat.ts';
import { needsEvidence, parseTime, type SilenceLimit } from '../../domain/leases/staleness.ts';
import { type ClaimEvidence, clockProof } from '../../domain/queue/clock-proof.ts';
import type { TaskEntry } from '../../domain/queue/snapshot.ts';
import { QUEUE_FOLDERS } from '../../domain/queue/task-path.ts';
import { claimHistories } from '../../git/history/claim-history.ts';
import { ProcessError } from '../../git/process/git-process.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Sightings } from './sightings.ts';

/** Where the evidence comes from. */
export interface EvidenceSources {
  readonly repository: Repository;
  /** Absent: this clone remembers nothing. */
  readonly sightings: Sightings | undefined;
}

/**
 * What is known about the heartbeats of these claims besides the times in them: what this clone has seen of all of
 * them, and what the branch proves about those that the decision depends on. This takes one walk along the branch, and
 * only if a claim looks stalled or has a heartbeat from the future.
 *
 * @param limit how long an owner may be silent
 * @returns by path; a claim about which nothing is known is absent
 */
export async function claimEvidence(
  { repository, sightings }: EvidenceSources,
  tip: string,
  claims: readonly TaskEntry[],
  { now, limit }: { readonly now: number; readonly limit: Pick<SilenceLimit, 'ms' | 'reviewMs'> },
): Promise<ReadonlyMap<string, ClaimEvidence>> {
  const watched = (await sightings?.note(claims.map((entry) => ({ claim: nameOf(entry), beat: beatOf(entry) })))) ?? [];
  const seen = new Map(claims.map(({ path }, index) => [path, watched[index]]));
  const suspects = claims.filter((entry) => needsEvidence(entry, now, limit));
  const evidence = new Map<string, ClaimEvidence>();
  if (suspects.length === 0) return evidence;
  const histories = await historiesOf(repository, tip, suspects);
  for (const entry of suspects) {
    const { path } = entry;
    const written = parseTime(claimOf(entry)?.lastHeartbeat);
    const history = histories.get(path);
    const clock = written === undefined || history === undefined ? undefined : clockProof(history, written, now);
    evidence.set(path, { ...seen.get(path), ...given({ clock }) });
  }
  return evidence;
}

/** A walk that git refuses proves nothing: a damaged history must not keep stalled claims forever. */
async function historiesOf(repository: Repository, tip: string, suspects: readonly TaskEntry[]) {
  const paths = suspects.map(({ path }) => path);
  try {
    return await claimHistories(repository, tip, QUEUE_FOLDERS, paths);
  } catch (error) {
    if (error instanceof ProcessError) return new Map<string, never>();
    throw error;
  }
}

function claimOf({ reading }: TaskEntry) {
  return reading.kind === 'read' ? reading.task.claim : undefined;
}

function nameOf(entry: TaskEntry): string {
  const claim = claimOf(entry);
  return `${entry.path} ${claimName(claim?.claimedBy ?? '-', entry.key, claim?.claimId)}`;
}

/** What changes with each renewal; if no time can be read, any change of the file may be one. */
function beatOf(entry: TaskEntry): string {
  const written = claimOf(entry)?.lastHeartbeat;
  const byFile = parseTime(written) === undefined ? entry.blob : written;
  return `${byFile} ${entry.renewedAt ?? '-'}`;
}
