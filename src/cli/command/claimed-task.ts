import type { TaskReference } from '../../domain/intents/intent.ts';
import type { CommonOptions } from './declaration.ts';
import type { Input } from './input.ts';

/** Options shared by the commands about a claimed task. */
export interface ClaimedTaskOptions extends CommonOptions {
  readonly agent: string;
  readonly task: TaskReference;
  readonly claimId: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the task, the agent, the claim id and the request. */
export function readClaimedTask(input: Input): ClaimedTaskOptions {
  const task = input.task('task-id');
  return { agent: input.agent(), task, claimId: input.claimId(task), request: input.request() };
}
