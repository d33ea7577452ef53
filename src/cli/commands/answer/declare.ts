import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS, TASK_ARGUMENT } from '../../command/shared-options.ts';

export const answerDeclaration: CommandDeclaration = {
  name: 'answer',
  summary: 'answer the question of a task',
  description:
    'Writes the answer to a question (`agentq ask`) into the task, below the question. The task can then be claimed again, or waits for the tasks that it requires. Prints the task. The author is --agent, or else $AGENTQ_AGENT, or else your name in git. Exits with 5 if the task has no open question.',
  prints: '`project/TASK-ID`',
  page: 'docs/lifecycle.md#questions',
  args: [
    { ...TASK_ARGUMENT, name: 'task' },
    { name: 'text', need: 'required', description: 'the answer; several lines become one' },
  ],
  options: [{ flags: '--agent <id>', description: 'who answers' }, REQUEST_OPTION, ...RETRY_OPTIONS],
  examples: [{ command: "agentq answer TASK-7 'PostgreSQL, as in auth'", does: 'TASK-7 can be claimed again' }],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
