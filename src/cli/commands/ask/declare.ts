import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  CLAIM_ID_OPTION,
  OWNER_ARGUMENT,
  REQUEST_OPTION,
  RETRY_OPTIONS,
  TASK_ARGUMENT,
} from '../../command/shared-options.ts';

export const askDeclaration: CommandDeclaration = {
  name: 'ask',
  summary: 'give a claimed task back with a question for a person',
  description:
    'Writes the question into the task and gives the task back. Nobody can claim it until somebody answers with `agentq answer`. Question and answer then stay in the task, for whoever claims it next. This does not count as a failure. Prints the task. A command that `agentq work` runs should end after it has asked: it no longer holds the task, whatever its exit code. Exits with 3 if this agent no longer holds the claim.',
  prints: '`project/TASK-ID`',
  page: 'docs/lifecycle.md#questions',
  args: [
    TASK_ARGUMENT,
    OWNER_ARGUMENT,
    { name: 'question', need: 'required', description: 'what you need to know; several lines become one' },
  ],
  options: [CLAIM_ID_OPTION, REQUEST_OPTION, ...RETRY_OPTIONS],
  examples: [
    { command: "agentq ask TASK-7 agent-1 'Which of the two databases?'", does: 'TASK-7 waits for an answer' },
    { command: "agentq ask 'Which of the two databases?'", does: 'the same, from a command of agentq work' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
