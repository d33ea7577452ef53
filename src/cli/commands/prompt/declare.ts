import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TASK_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const promptDeclaration: CommandDeclaration = {
  name: 'prompt',
  summary: 'print a ready-made prompt for the work on a task',
  description:
    'Prints what an agent needs for the work on a task, as Markdown: title, description, criteria, checks, notes, earlier failures, what it builds on with its pull requests and branches, where to work, and how to end. Changes nothing. --template names a file of your own: {{title}} is the value of a field, and what is between {{#notes}} and {{/notes}} is there only if the task has notes. Under `agentq work`, it is about the task of the worker.',
  prints: 'Markdown',
  page: 'docs/agents.md#a-prompt-for-a-task',
  args: [TASK_ARGUMENT],
  options: [
    { flags: '--agent <id>', description: 'who works on it (default: the worker, or else whoever holds the task)' },
    { flags: '--template <file>', description: 'fill in this file instead of the built-in prompt' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'claude -p "$(agentq prompt TASK-7)"', does: 'work on a task that was claimed' },
    { command: `agentq work a1 --no-stdin -- sh -c 'claude -p "$(agentq prompt)"'`, does: 'the same for each task' },
    { command: 'agentq work a1 --prompt -- codex exec -', does: 'the same on stdin' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
