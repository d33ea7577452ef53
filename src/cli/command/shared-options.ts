import type { ArgumentDeclaration, OptionDeclaration } from './declaration.ts';

export const AGENT_ARGUMENT: ArgumentDeclaration = {
  name: 'agent-id',
  need: 'required',
  description: 'the agent that acts: letters, digits and . _ @ + -',
};

/** The agent that holds a claim. */
export const OWNER_ARGUMENT: ArgumentDeclaration = { ...AGENT_ARGUMENT, variable: 'AGENTQ_AGENT' };

export const TASK_ARGUMENT: ArgumentDeclaration = {
  name: 'task-id',
  need: 'required',
  variable: 'AGENTQ_TASK_ID',
  description: 'TASK-ID, or project/TASK-ID if several projects have it',
};

export const PROJECT_ARGUMENT: ArgumentDeclaration = {
  name: 'project',
  need: 'optional',
  description: 'only this project; "" for any',
};

export const BRANCH_ARGUMENT: ArgumentDeclaration = {
  name: 'branch',
  need: 'optional',
  description: 'coordination branch (default develop)',
};

/** Select the tasks that a command is about. */
export const FILTER_OPTIONS: readonly OptionDeclaration[] = [
  { flags: '--min-priority <n>', description: 'only tasks of this priority or higher' },
  { flags: '--max-priority <n>', description: 'only tasks of this priority or lower' },
  { flags: '--type <type>', description: 'only tasks of this type' },
  {
    flags: '--label <key=value>',
    description: 'only tasks with this label or metadata; may be repeated',
    repeat: 'many',
  },
];

export const CAN_OPTION: OptionDeclaration = {
  flags: '--can <capabilities>',
  description:
    'what the agent can do, such as gpu,docker: it also gets tasks that need that (`needs: gpu`); may be repeated',
  repeat: 'many',
};

export const TIMEOUT_OPTION: OptionDeclaration = {
  flags: '--timeout <duration>',
  description: 'end within this time, such as 90s (exit 2)',
};

/** For commands that push. */
export const RETRY_OPTIONS: readonly OptionDeclaration[] = [
  TIMEOUT_OPTION,
  { flags: '--max-retries <n>', description: 'rejected pushes to try again (default 8; exit 2)' },
  {
    flags: '--backoff <schedule>',
    description: 'full-jitter (default), or guide: 1, 2, 4, 8, 16 s, each multiplied by 1 to 2',
  },
  {
    flags: '--backoff-base <duration>',
    description: 'first delay of full-jitter (default 250ms); adapts to the queue',
  },
  { flags: '--push-limit <n>', description: 'simultaneous pushes from this machine to the remote (default 20)' },
  {
    flags: '--combine <with>',
    description: 'share pushes with other agents: all, local (this machine), remote (others) or none',
  },
  { flags: '--no-combine', description: 'do not share pushes, for debugging and measuring' },
];

export const WAIT_OPTION: OptionDeclaration = {
  flags: '--wait [duration]',
  description: 'wait until there is something to claim, at most this long, such as 10m; without a duration, forever',
};

export const REQUEST_OPTION: OptionDeclaration = {
  flags: '--request <id>',
  description:
    'first look up this request, of which a command said that it "may have landed", so that nothing is done twice',
};

/** Instead of a task: all that the agent holds. */
export const MINE_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: '--mine',
    description: 'instead of <task-id>: all tasks that the agent holds',
    standsFor: 'arguments',
  },
  { flags: '--agent <id>', description: 'with --mine: the agent (default $AGENTQ_AGENT)' },
];

export const TASKS_ARGUMENT: ArgumentDeclaration = {
  name: 'task',
  need: 'many',
  description: 'TASK-ID, or project/TASK-ID if several projects have it',
};

export const AUTHOR_OPTION: OptionDeclaration = {
  flags: '--agent <id>',
  description: 'who does it (default: $AGENTQ_AGENT, or else your name in git)',
};

/** For hooks, which `agentq setup` writes. */
export const HOOK_OPTION: OptionDeclaration = {
  flags: '--hook <tool>',
  description:
    'claude: a hook of this tool calls the command, with its JSON on stdin; an agent without another name is named after the session',
};

export const CLAIM_ID_OPTION: OptionDeclaration = {
  flags: '--claim-id <id>',
  description: 'only if this claim still holds the task',
};

/** Options of every command, allowed before and after its name. */
export const GLOBAL_OPTIONS: readonly OptionDeclaration[] = [
  { flags: '-C <dir>', description: 'work on the repository in this directory' },
  { flags: '--remote <name>', description: 'remote that holds the queue (default origin)' },
  { flags: '--branch <name>', description: 'coordination branch (default develop)' },
  { flags: '--meet <url>', description: 'Redis or etcd where machines meet, or off (redis://host:6379/0)' },
  { flags: '--json', description: 'print one JSON document on stdout, also for failures' },
  { flags: '-q, --quiet', description: 'only errors on stderr' },
  { flags: '-v, --verbose', description: 'every step on stderr' },
  { flags: '--trace <file>', description: 'write every step and its time to this file, for ui.perfetto.dev' },
  { flags: '--no-sync', description: 'leave the checkout as it is after a success' },
  { flags: '--no-color', description: 'no colours' },
  { flags: '--log-format <format>', description: 'stderr as text or json' },
];
