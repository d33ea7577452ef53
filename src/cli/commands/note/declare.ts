import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS, TASK_ARGUMENT } from '../../command/shared-options.ts';

export const noteDeclaration: CommandDeclaration = {
  name: 'note',
  summary: 'add a note to a task',
  description:
    'Adds one line with the time and its author to the notes of the task, whatever its state and whoever works on it: what you tried, what you found out, what the next agent should know. Prints the task. The author is --agent, or else $AGENTQ_AGENT, or else your name in git.',
  prints: '`project/TASK-ID`',
  page: 'docs/lifecycle.md#notes',
  args: [
    { ...TASK_ARGUMENT, name: 'task' },
    { name: 'text', need: 'required', description: 'the note; several lines become one' },
  ],
  options: [{ flags: '--agent <id>', description: 'who says it' }, REQUEST_OPTION, ...RETRY_OPTIONS],
  examples: [
    { command: "agentq note TASK-7 'the test server needs a token'", does: 'a note by you' },
    { command: "agentq note auth/TASK-7 'half done, see branch x' --agent agent-1", does: 'a note by an agent' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
