import type { Decided, DecidedIntent } from '../../../src/domain/deciding/decide.ts';
import type {
  ClaimIntent,
  CompleteIntent,
  HeartbeatIntent,
  ReleaseIntent,
  ReviewIntent,
  TaskFilter,
} from '../../../src/domain/intents/intent.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import type { TaskSpec } from './snapshots.ts';

/** Intents of agents, and what is decided of them at this time. */

export const NOW = Date.parse('2026-03-01T12:00:00.750Z');
let requests = 0;

export function claim(agent: string, filter: TaskFilter = {}, extra: Partial<ClaimIntent> = {}): ClaimIntent {
  return { kind: 'claim', request: `r${++requests}`, agent, filter, attempt: 1, waitedMs: 0, ...extra };
}

export function heartbeat(agent: string, id: string, extra: Partial<HeartbeatIntent> = {}): HeartbeatIntent {
  return { kind: 'heartbeat', request: `r${++requests}`, agent, task: { id }, ...extra };
}

export function release(agent: string, id: string, extra: Partial<ReleaseIntent> = {}): ReleaseIntent {
  return { kind: 'release', request: `r${++requests}`, agent, task: { id }, ...extra };
}

export function complete(agent: string, id: string, extra: Partial<CompleteIntent> = {}): CompleteIntent {
  return { kind: 'complete', request: `r${++requests}`, agent, task: { id }, ...extra };
}

export function review(agent: string, id: string, extra: Partial<ReviewIntent> = {}): ReviewIntent {
  return { kind: 'review', request: `r${++requests}`, agent, task: { id }, ...extra };
}

/** What is decided of a single intent. */
export function only(plan: Decided): DecidedIntent {
  const [decision, second] = plan.decisions;
  if (!decision || second) throw new Error('expected one decision');
  return decision;
}

/** `project/TASK-ID` of the task that changes, or what is decided instead. */
export function claimed(decision: DecidedIntent): string {
  return decision.kind === 'change' && 'key' in decision.outcome ? formatKey(decision.outcome.key) : decision.kind;
}

/** A task that somebody has claimed. */
export const held = (agent: string, claimId = 'c1', lastHeartbeat = '2026-03-01T11:50:00Z'): Partial<TaskSpec> => ({
  state: 'claimed',
  claim: { claimedBy: agent, claimedAt: '2026-03-01T11:50:00Z', lastHeartbeat, claimId, attempt: 1 },
});
