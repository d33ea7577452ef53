import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const editDeclaration: CommandDeclaration = {
  name: 'edit',
  summary: 'change fields of tasks',
  description:
    'Changes the given fields of these tasks, and not one other byte. All are changed in one commit, or none. A claimed task can be edited, too, but a completed one cannot. If the requirements of a task change, it becomes ready or blocked accordingly; a claimed task does so when it is given back. Requirements that do not exist, and cycles, are refused. Without any option, in a terminal, the command opens the text of one task in the editor that `git commit` would open, and checks it before it writes it. What others changed meanwhile is merged. If anything goes wrong, your text is kept in a file, and the message names it. Prints the tasks.',
  prints: '`project/TASK-ID`, one line per task',
  page: 'docs/lifecycle.md#editing',
  args: [{ name: 'task', need: 'many', description: 'TASK-ID, or project/TASK-ID if several projects have it' }],
  options: [
    { flags: '--title <text>', description: 'the title, in one line' },
    { flags: '--priority <n>', description: 'tasks with higher priorities are claimed first' },
    { flags: '--type <type>', description: 'kind of work, such as backend' },
    {
      flags: '--requires <ids>',
      description: '+A,-B adds A and removes B; without signs, the task requires exactly these; none means nothing',
      repeat: 'many',
    },
    { flags: '--label <key=value>', description: 'set a label; may be repeated', repeat: 'many' },
    { flags: '--batch <name>', description: 'batch that the task belongs to' },
    {
      flags: '--criterion <text>',
      description:
        '+text adds an acceptance criterion, -text removes it; without signs, the task has exactly these; may be repeated',
      repeat: 'many',
    },
    { flags: '--details-file <path>', description: 'file with the new details; - is stdin' },
    { flags: '--agent <id>', description: 'who edits (default: $AGENTQ_AGENT, or else your name in git)' },
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq edit TASK-7', does: 'the whole text, in an editor' },
    { command: 'agentq edit TASK-7 --priority 9', does: 'one field' },
    { command: 'agentq edit TASK-7 TASK-8 --requires +TASK-3,-TASK-2', does: 'the requirements of two tasks' },
    { command: "agentq edit auth/TASK-7 --criterion '+It is tested' --label model=large", does: 'two fields' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
