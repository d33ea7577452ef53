import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const addDeclaration: CommandDeclaration = {
  name: 'add',
  summary: 'add tasks to the queue',
  description:
    'Creates one task from options, or many from a file or stdin (TOON, JSON, JSON lines), all in one commit or none, and prints their names in the order of the input. Tasks without an id get the next free ones. A task is ready when what it requires is complete, else blocked; held back by --hold-until it is pending.',
  args: [],
  options: [
    { flags: '--project <project>', description: 'for it; needed unless the queue has exactly one' },
    { flags: '--title <text>', description: 'what is to be done, in one line' },
    { flags: '--id <id>', description: 'its id; default: the next free one' },
    { flags: '--type <type>', description: 'kind of work, such as backend' },
    { flags: '--priority <n>', description: 'higher first (default 0)' },
    { flags: '--status <status>', description: 'ready, blocked or pending; default: as its dependencies say' },
    { flags: '--summary <text>', description: 'more, in short' },
    { flags: '--details <text>', description: 'and all of it, in as many lines as it takes' },
    { flags: '--requires <id>', description: 'task that must be complete before it; may be repeated', repeat: 'many' },
    { flags: '--blocks <id>', description: 'task that waits for it, for information; may be repeated', repeat: 'many' },
    { flags: '--criterion <text>', description: 'when it counts as done; may be repeated', repeat: 'many' },
    { flags: '--label <key=value>', description: 'label to claim it by; may be repeated', repeat: 'many' },
    { flags: '--batch <name>', description: 'batch it counts in' },
    { flags: '--hold-until <condition>', description: 'pending until then, such as "80% of foundation"' },
    { flags: '--file <path>', description: 'tasks from a .toon, .json or .jsonl file; - is stdin' },
    { flags: '--id-prefix <prefix>', description: 'how new ids begin (default: as those of the project do)' },
    { flags: '--layout <layout>', description: 'folders of a new project (default: as other projects have)' },
    { flags: '--agent <agent-id>', description: 'who adds them (default orchestrator)' },
    { flags: '--dry-run', description: 'say what would be added, and change nothing' },
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq add --title "Fix the login" --priority 8', does: 'one task' },
    {
      command: 'agentq add --project auth --title "Test it" --requires TASK-7',
      does: 'blocked until TASK-7 is complete',
    },
    { command: 'agentq add --file plan.toon --dry-run', does: 'check a plan, and see its ids' },
    { command: "agentq add --file ui.json --hold-until '80% of foundation'", does: 'a batch that waits for another' },
    { command: "jq -c '.[]' issues.json | agentq add --project auth", does: 'from stdin, one task a line' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
