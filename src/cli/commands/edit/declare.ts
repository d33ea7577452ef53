import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const editDeclaration: CommandDeclaration = {
  name: 'edit',
  summary: 'change fields of tasks',
  description:
    'Changes the fields that are named, and not a byte else, of all these tasks in one commit, or of none. A claimed task may be edited, too; a completed one may not. If a task requires something else now, it is ready or blocked accordingly, unless it is claimed: then that counts when it is given back. Refused are requirements that do not exist, and cycles. Without any option, in a terminal, opens the text of the one task in the editor that `git commit` would open, and checks it before it is written; what others changed meanwhile is merged. Whatever goes wrong, what was written is kept in a file that is named. Prints the tasks.',
  prints: '`project/TASK-ID`, one line per task',
  page: 'docs/lifecycle.md#editing',
  args: [{ name: 'task', need: 'many', description: 'TASK-ID, or project/TASK-ID if several projects have it' }],
  options: [
    { flags: '--title <text>', description: 'in one line' },
    { flags: '--priority <n>', description: 'higher first' },
    { flags: '--type <type>', description: 'such as backend' },
    {
      flags: '--requires <ids>',
      description: '+A,-B: it also requires A, and no longer B; without signs: exactly these; none: nothing',
      repeat: 'many',
    },
    { flags: '--label <key=value>', description: 'sets a label; may be repeated', repeat: 'many' },
    { flags: '--batch <name>', description: 'batch that the task belongs to' },
    {
      flags: '--criterion <text>',
      description: '+text adds an acceptance criterion, -text takes it out, text: exactly these; may be repeated',
      repeat: 'many',
    },
    { flags: '--details-file <path>', description: 'what the details are to say; - is stdin' },
    { flags: '--agent <id>', description: 'who edits (default: the name that git has for you)' },
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
