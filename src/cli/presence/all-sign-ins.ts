import type { SignedIn } from '../../domain/leases/sign-in.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import type { ReadQueue } from '../../engine/queue/reader.ts';

/** Who has signed in at the queue. Workers that were told the branch of a project have signed in there. */
export async function allSignIns(queue: Queue, { branches }: ReadQueue): Promise<readonly SignedIn[]> {
  return (await queue.registry()).read(otherBranches(queue, branches));
}

/** The branches of the queue other than the main one. */
export function otherBranches({ place }: Queue, branches: ReadQueue['branches']): readonly string[] {
  return [...(branches?.tips.keys() ?? [])].filter((branch) => branch !== place.branch);
}
