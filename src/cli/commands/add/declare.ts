import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const addDeclaration: CommandDeclaration = {
  name: 'add',
  summary: 'add tasks to the queue',
  description:
    'Creates one task from options, or many from a file or stdin (TOON, JSON, JSON lines), and prints their names in the order of the input. All tasks are added in one commit, or none. A task without an id gets the next free one. A task is ready if everything it requires is complete, and blocked otherwise. While --hold-until holds it back, it is pending.',
  prints: 'one line per task',
  page: 'docs/adding-tasks.md',
  args: [],
  options: [
    { flags: '--project <project>', description: 'project of the task; required unless the queue has exactly one' },
    { flags: '--title <text>', description: 'what to do, in one line' },
    { flags: '--id <id>', description: 'id of the task (default: the next free one)' },
    { flags: '--type <type>', description: 'kind of work, such as backend' },
    { flags: '--priority <n>', description: 'higher priorities are claimed first (default 0)' },
    { flags: '--status <status>', description: 'ready, blocked or pending (default: depends on what it requires)' },
    { flags: '--summary <text>', description: 'a short description' },
    { flags: '--details <text>', description: 'the full description; may have several lines' },
    {
      flags: '--description <text>',
      description: 'summary and details in one text: its first line is the summary',
    },
    { flags: '--description-file <path>', description: 'the same, read from a file; - is stdin' },
    { flags: '--requires <id>', description: 'task that must be completed first; may be repeated', repeat: 'many' },
    {
      flags: '--blocks <id>',
      description: 'task that waits for this one, for information only; may be repeated',
      repeat: 'many',
    },
    { flags: '--criterion <text>', description: 'acceptance criterion; may be repeated', repeat: 'many' },
    { flags: '--label <key=value>', description: 'label that claims can filter by; may be repeated', repeat: 'many' },
    {
      flags: '--verify <command>',
      description: 'shell command that must succeed before the task counts as done; may be repeated',
      repeat: 'many',
    },
    {
      flags: '--touches <glob>',
      description:
        'files that the task changes, such as "src/auth/**"; it is never claimed while another task with the same files is; may be repeated',
      repeat: 'many',
    },
    {
      flags: '--needs <capabilities>',
      description: 'capabilities that an agent must have (`claim --can`), such as gpu,docker; may be repeated',
      repeat: 'many',
    },
    { flags: '--batch <name>', description: 'batch that the task belongs to' },
    { flags: '--hold-until <condition>', description: 'hold the task back until then, such as "80% of foundation"' },
    { flags: '--file <path>', description: 'read tasks from a .toon, .json or .jsonl file; - is stdin' },
    { flags: '--id-prefix <prefix>', description: 'prefix of new ids (default: that of the ids in the project)' },
    { flags: '--layout <layout>', description: 'folders of a new project (default: those of other projects)' },
    { flags: '--agent <agent-id>', description: 'agent that adds the tasks (default orchestrator)' },
    {
      flags: '--upsert',
      description:
        'update tasks that the queue already has (same ref or id) and that are neither claimed nor completed, so that a plan can be added again',
    },
    { flags: '--dry-run', description: 'say what would be added, but change nothing' },
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq add --title "Fix the login" --priority 8', does: 'one task' },
    {
      command: 'agentq add --project auth --title "Test it" --requires TASK-7',
      does: 'blocked until TASK-7 is complete',
    },
    { command: 'agentq add --file plan.toon --dry-run', does: 'check a plan and see its ids' },
    { command: 'agentq add --file plan.toon --upsert', does: 'add the plan again: only what changed, nothing twice' },
    { command: "agentq add --file ui.json --hold-until '80% of foundation'", does: 'a batch that waits for another' },
    { command: "jq -c '.[]' issues.json | agentq add --project auth", does: 'from stdin, one task per line' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
