import type { Refusal } from '../base/failure.ts';
import type { TaskReference } from '../intents/intent.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey } from '../queue/task.ts';
import { type ReadEntry, type Resolved, resolveReadable, resolveReference } from './reference.ts';

/** An agent that says a task is its own, and by which claim if it knows that. */
export interface OwnerClaim {
  readonly agent: string;
  readonly task: TaskReference;
  readonly claimId?: string;
}

/**
 * Fencing: only the agent of the current claim may change a claimed task, and if the caller names its claim, that must
 * be the current one. A claim that was released is lost for good, even if the agent claims the task again (CONTRACT
 * 7.4).
 */
export function resolveOwned(state: QueueState, owner: OwnerClaim): Resolved<ReadEntry> {
  const found = resolveReference(state, owner.task);
  if (found.kind === 'refused') return found;
  const gone = claimIsGone(found.entry, owner);
  if (gone) return { kind: 'refused', refusal: { ...gone, ...askedBy(found.entry, owner.agent) } };
  const resolved = resolveReadable(found.entry);
  if (resolved.kind === 'refused') return resolved;
  const refusal = ownershipProblem(resolved, owner);
  return refusal ? { kind: 'refused', refusal: { ...refusal, ...askedBy(resolved.entry, owner.agent) } } : resolved;
}

/** The last question of the agent. To ask is to give the task back, so nothing was lost. */
function askedBy({ reading }: TaskEntry, agent: string): { readonly asked?: { at: string; text: string } } {
  const question = reading.kind === 'read' ? reading.task.questions?.findLast((one) => one.agent === agent) : undefined;
  return question === undefined ? {} : { asked: { at: question.at, text: question.text } };
}

/** Why the claim is not the caller's. */
type Lost = Extract<Refusal, { readonly hint?: string }>;

/** The folder alone tells that the claim is gone; the file need not be readable for that. */
function claimIsGone(entry: TaskEntry, owner: OwnerClaim): Lost | undefined {
  const name = formatKey(entry.key);
  switch (entry.state) {
    case 'claimed':
      return undefined;
    case 'completed':
      return { code: 'claim-lost', message: `${name} is completed: ${entry.path}` };
    case 'ready':
      return {
        code: 'claim-lost',
        message: `${name} is not claimed by ${owner.agent}: it is in ${entry.location.folders.ready}`,
        hint: 'stop working on it; claim it again if it is to be done',
      };
  }
}

function ownershipProblem({ entry, task }: ReadEntry, owner: OwnerClaim): Lost | undefined {
  const name = formatKey(entry.key);
  const { claim } = task;
  if (claim?.claimedBy !== owner.agent) {
    return {
      code: 'not-owner',
      message: `${name} is claimed by ${claim?.claimedBy ?? 'nobody that its file names'}, not by ${owner.agent}`,
      hint: 'stop working on it: only the owner of the current claim can change it',
    };
  }
  if (owner.claimId !== undefined && claim.claimId !== owner.claimId) {
    return {
      code: 'claim-lost',
      message: `the claim ${owner.claimId} on ${name} is gone: ${owner.agent} holds it by another claim now`,
      hint: 'stop working on it: it was released and claimed anew in between',
    };
  }
  return undefined;
}
