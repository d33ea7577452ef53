import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const addDeclaration: CommandDeclaration = {
  name: 'add',
  summary: 'add tasks to the queue',
  description:
    'Creates one task from options, or many from a file or stdin (TOON, JSON, JSON lines), all in one commit or none, and prints their names in the order of the input. A task without an id gets the next free one. A task is ready if everything it requires is complete, and blocked otherwise; while --hold-until holds it back, it is pending.',
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
    { flags: '--description-file <path>', description: 'the same from a file; - is stdin' },
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
        'files that it changes, such as "src/auth/**": never claimed beside another such task; may be repeated',
      repeat: 'many',
    },
    {
      flags: '--needs <capabilities>',
      description: 'only for agents that can do this (`claim --can`): gpu,docker, or repeated',
      repeat: 'many',
    },
    { flags: '--batch <name>', description: 'batch that the task belongs to' },
    { flags: '--hold-until <condition>', description: 'hold the task back until then, such as "80% of foundation"' },
    { flags: '--file <path>', description: 'read tasks from a .toon, .json or .jsonl file; - is stdin' },
    { flags: '--id-prefix <prefix>', description: 'prefix of new ids (default: that of the ids in the project)' },
    { flags: '--layout <layout>', description: 'folders of a new project (default: those of other projects)' },
    { flags: '--agent <agent-id>', description: 'the agent that adds the tasks (default orchestrator)' },
    {
      flags: '--upsert',
      description:
        'update what the queue has already, by ref or id, unless it is claimed or completed: a plan can be added again',
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
    { command: 'agentq add --file plan.toon --upsert', does: 'the plan again: only what changed, nothing twice' },
    { command: "agentq add --file ui.json --hold-until '80% of foundation'", does: 'a batch that waits for another' },
    { command: "jq -c '.[]' issues.json | agentq add --project auth", does: 'from stdin, one task per line' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
