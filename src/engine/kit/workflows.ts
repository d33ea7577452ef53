import {
  decideWorkflows,
  type WorkflowsPlan,
  type WorkflowsRequest,
  workflowPaths,
} from '../../domain/kit/workflows.ts';
import { DEFAULT_POOL_SETTINGS } from '../../domain/queue/snapshot.ts';
import type { InstallStore } from '../../store/install-store.ts';
import type { Engine } from '../base/engine.ts';
import type { Pushed } from '../base/pushed.ts';
import { isCertain, pushFailure, retryable } from '../base/retryable.ts';
import { retrying } from '../transaction/transaction.ts';
import { buildAndSign } from './build-and-sign.ts';

/** What became of the workflows. */
export interface WorkflowsInstalled {
  readonly plan: WorkflowsPlan;
  /** The branch that they run from. */
  readonly branch: string;
  /** undefined if everything was there already. */
  readonly commit: string | undefined;
  /** The remote's words, if it takes no commit on that branch: the commit is in this clone, to be proposed. */
  readonly refused?: string;
}

/**
 * Puts workflows on the remote's default branch, in one commit: schedules and jobs for merges run from no other. Others who
 * push to it at the same time lose nothing.
 *
 * @throws Failure as for any push, but not for a refusal: a protected branch is usual, and the commit can be proposed
 */
export function installWorkflows(
  engine: Engine,
  store: InstallStore,
  pushed: Pushed,
  request: WorkflowsRequest,
): Promise<WorkflowsInstalled> {
  return retrying(engine, {
    async attempt(number) {
      engine.signal.throwIfAborted();
      const branch = (await retryable(() => store.defaultBranch())) ?? request.branch;
      const ref = `refs/heads/${branch}`;
      const tip = await retryable(() => store.tipOf(ref));
      pushed.seen(branch, tip);
      const survey = await store.survey(tip, workflowPaths(request));
      const first = decideWorkflows(request, survey);
      const isSettled = tip === undefined || first.kept.length === 0;
      const plan = isSettled ? first : decideWorkflows(request, await store.authored(tip, first.kept, survey));
      if (plan.writes.length === 0) return { plan, branch, commit: undefined };
      const draft = {
        subject: `Add the workflows of agentq for ${request.service === 'github' ? 'GitHub' : 'GitLab'}`,
        trailers: [],
        author: 'agentq',
        tasks: [],
        files: plan.writes,
      };
      const settings = { ...DEFAULT_POOL_SETTINGS, signing: request.signing };
      const { commit } = await buildAndSign(store, tip, draft, settings, engine.clock.now());
      const moves = [{ branch, from: tip, to: commit }];
      const outcome = await engine.critical.run(() => {
        pushed.begin(moves);
        return engine.store.push([{ ref, expected: tip, to: commit }]);
      });
      if (isCertain(outcome)) pushed.failed(moves);
      if (outcome.kind === 'landed') {
        pushed.landed(moves);
        return { plan, branch, commit };
      }
      if (outcome.kind === 'refused') return { plan, branch, commit, refused: outcome.words };
      if (outcome.kind === 'rejected') engine.onEvent({ kind: 'rejected', attempt: number, words: outcome.words });
      throw pushFailure(outcome, number);
    },
  });
}
