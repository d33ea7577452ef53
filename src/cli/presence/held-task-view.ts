import { timeOrNull } from '../../domain/base/clock.ts';
import type { HeldTask } from '../../domain/figures/held-tasks.ts';

/** A task that an agent holds, as answers show it; null: not known. */
export interface HeldTaskView {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly claimId: string | null;
  readonly claimedAt: string | null;
  readonly lastHeartbeat: string | null;
  readonly state: HeldTask['condition'];
}

/** The task in the form of answers. */
export function heldTaskView({ key, title, claimId, claimedAt, lastHeartbeat, condition }: HeldTask): HeldTaskView {
  return {
    project: key.project,
    task: key.id,
    title: title ?? null,
    claimId: claimId ?? null,
    claimedAt: timeOrNull(claimedAt),
    lastHeartbeat: timeOrNull(lastHeartbeat),
    state: condition,
  };
}
