import type { ArgumentDeclaration, OptionDeclaration } from './declaration.ts';

export const AGENT_ARGUMENT: ArgumentDeclaration = {
  name: 'agent-id',
  need: 'required',
  description: 'who acts: letters, digits and . _ @ + -',
};

export const TASK_ARGUMENT: ArgumentDeclaration = {
  name: 'task-id',
  need: 'required',
  description: 'TASK-ID, or project/TASK-ID where several projects have it',
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

/** Which tasks a command is about. */
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

/** How long a command may take. */
export const TIMEOUT_OPTION: OptionDeclaration = {
  flags: '--timeout <duration>',
  description: 'end within this time, such as 90s (exit 2)',
};

/** How long a command that pushes keeps trying. */
export const RETRY_OPTIONS: readonly OptionDeclaration[] = [
  TIMEOUT_OPTION,
  { flags: '--max-retries <n>', description: 'rejected pushes to try again (default 8; exit 2)' },
  { flags: '--backoff <schedule>', description: 'full-jitter (default) or guide: 1, 2, 4, 8, 16 s, each times 1 to 2' },
  { flags: '--backoff-base <duration>', description: 'where full jitter begins (default 250ms); adapts to the queue' },
  { flags: '--push-limit <n>', description: 'pushes of this machine to the remote at once (default 20)' },
  { flags: '--combine <with>', description: 'share pushes with agents here and elsewhere: all, local, remote or none' },
  { flags: '--no-combine', description: 'share no pushes, for debugging and measuring' },
];

export const WAIT_OPTION: OptionDeclaration = {
  flags: '--wait [duration]',
  description: 'sleep until there is something to claim, such as 10m at most; without a duration, for ever',
};

export const REQUEST_OPTION: OptionDeclaration = {
  flags: '--request <id>',
  description: 'say first what became of this request, which "may have landed"; nothing is done twice',
};

export const CLAIM_ID_OPTION: OptionDeclaration = {
  flags: '--claim-id <id>',
  description: 'only if the task is still held by this very claim',
};

/** Options of every command, before and after its name. */
export const GLOBAL_OPTIONS: readonly OptionDeclaration[] = [
  { flags: '-C <dir>', description: 'work on the repository in this directory' },
  { flags: '--remote <name>', description: 'remote that holds the queue (default origin)' },
  { flags: '--branch <name>', description: 'coordination branch (default develop)' },
  { flags: '--json', description: 'answer with one JSON document on stdout, also for failures' },
  { flags: '-q, --quiet', description: 'only errors on stderr' },
  { flags: '-v, --verbose', description: 'every step on stderr' },
  { flags: '--no-sync', description: 'leave the checkout as it is after a success' },
  { flags: '--no-color', description: 'no colours' },
  { flags: '--log-format <format>', description: 'stderr as text or json' },
];
