import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  BRANCH_ARGUMENT,
  CLAIM_ID_OPTION,
  OWNER_ARGUMENT,
  PROJECT_ARGUMENT,
  REQUEST_OPTION,
  RETRY_OPTIONS,
  TASK_ARGUMENT,
} from '../../command/shared-options.ts';

export const reviewDeclaration: CommandDeclaration = {
  name: 'review',
  summary: 'say that a claimed task is done and waits to be merged',
  description:
    "Writes into the task's claim that its pull request is being reviewed. The task stays claimed, so that nobody else gets it, and tasks that require it still wait. The claim needs no heartbeats any more, for as long as the queue's `review_after` says (default 7d). `agentq complete` ends the review; the workflow for merged pull requests does this by itself. `agentq release` gives the task back. Repeating the same review changes nothing. Exits with 3 if this agent no longer holds the claim.",
  prints: '`project/TASK-ID`',
  page: 'docs/lifecycle.md#waiting-to-be-merged',
  args: [
    TASK_ARGUMENT,
    OWNER_ARGUMENT,
    { name: 'pr-url', need: 'required', takes: 'url', description: 'pull request with the work' },
    PROJECT_ARGUMENT,
    BRANCH_ARGUMENT,
  ],
  options: [CLAIM_ID_OPTION, REQUEST_OPTION, ...RETRY_OPTIONS],
  examples: [
    { command: 'agentq review TASK-7 agent-1 https://example.com/pull/12', does: 'TASK-7 waits for its merge' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
