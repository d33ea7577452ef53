import { ORCHESTRATOR } from '../intents/intent.ts';
import type { CommitDraft, TaskChange } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey, type TaskKey } from '../queue/task.ts';
import { trailersOf } from '../rules/decision.ts';
import { isNotYetOpen, openChange, ReadinessJudge, requiresApart } from '../rules/readiness.ts';

/**
 * Tasks that may be claimed although their status does not say so yet: what they required was completed on another
 * branch, where nobody could open them. `complete` opens all others. Those that are claimed are opened in one commit, in
 * front of the claims.
 */
export class Openings {
  readonly #changes: readonly TaskChange[];

  /** Opens them in this state, so that claims find them. */
  constructor(state: QueueState) {
    const due = new ReadinessJudge(state).due((entry) => isNotYetOpen(entry) && requiresApart(state, entry));
    this.#changes = due.map(openChange);
    for (const change of this.#changes) state.apply(change);
  }

  /**
   * The commit that opens those that were claimed; undefined: none was.
   * @param request of the first claim
   */
  commit(claimed: readonly TaskKey[], request: string): CommitDraft | undefined {
    if (this.#changes.length === 0) return undefined;
    const names = new Set(claimed.map(formatKey));
    const tasks = this.#changes.filter(({ key }) => names.has(formatKey(key)));
    if (tasks.length === 0) return undefined;
    const keys = tasks.map(({ key }) => key);
    return {
      subject: `[ORCHESTRATOR] Unblocked ${keys.length} tasks`,
      trailers: trailersOf({ agent: ORCHESTRATOR, request: `${request}-opened` }, keys),
      author: ORCHESTRATOR,
      tasks,
      files: [],
    };
  }
}
