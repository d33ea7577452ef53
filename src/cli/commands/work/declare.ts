import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  AGENT_ARGUMENT,
  BRANCH_ARGUMENT,
  CAN_OPTION,
  FILTER_OPTIONS,
  PROJECT_ARGUMENT,
  RETRY_OPTIONS,
} from '../../command/shared-options.ts';

export const workDeclaration: CommandDeclaration = {
  name: 'work',
  summary: 'run a command for one task after another',
  description:
    'Claims a task, runs the command after -- for it, and renews the claim while it runs. If the command and all checks exit with 0, it completes the task; otherwise it gives the task back. It repeats this until there is nothing to claim. A task that failed three times (max_failures), on any machine, is blocked; if every command fails, the worker stops. A command that exits with 75 cannot work now: its task goes back without counting as failed, and the worker pauses. The command gets the text of the task on stdin and in $AGENTQ_TASK_FILE, and the variables AGENTQ_PROJECT, AGENTQ_TASK_ID, AGENTQ_CLAIM_ID, AGENTQ_AGENT and AGENTQ_BRANCH, in a worktree also AGENTQ_BASE. It may report on its work as JSON in the file $AGENTQ_RESULT_FILE: prUrl, summary, costUsd, tokens, retryAt. Its output goes to stderr, prefixed with the name of its agent; stdout gets one line per completed task. An agent id that a worker on another machine uses right now is refused. Exits with 1 if there was nothing to claim, with 3 if the claim was lost (with --once), and with 6 if a command failed.',
  prints: 'one line per completed task',
  page: 'docs/pools.md',
  args: [
    { ...AGENT_ARGUMENT, description: 'the agent that works; with --concurrency, the prefix of its name' },
    PROJECT_ARGUMENT,
    BRANCH_ARGUMENT,
  ],
  tail: 'command',
  options: [
    ...FILTER_OPTIONS,
    CAN_OPTION,
    { flags: '--prefer <project>', description: 'claim from this project first, then from any' },
    {
      flags: '--concurrency <n>',
      description: 'run n agents in this process, <agent-id>-1 to -n, which share their pushes',
    },
    { flags: '--force', description: 'work under an agent id that another machine uses right now (else exit 64)' },
    { flags: '--stagger <duration>', description: 'time between the starts of two agents, such as 500ms' },
    {
      flags: '--wait [duration]',
      description: 'if there is nothing to claim, wait until there is (at most this long)',
    },
    { flags: '--once', description: 'one task per agent' },
    { flags: '--max-tasks <n>', description: 'at most n tasks, for all agents together' },
    {
      flags: '--worktree',
      description: 'run each command in a git worktree of its own, on a branch of its own',
    },
    {
      flags: '--worktree-dir <dir>',
      description: 'folder for the worktrees (default: <clone>-worktrees, beside the clone)',
    },
    {
      flags: '--base <branch>',
      description:
        "branch of the remote that worktrees start from (default: the queue's if it holds code, else the remote's default)",
    },
    { flags: '--base-from-deps', description: 'start from the branch of a dependency that is not merged yet' },
    {
      flags: '--branch-name <template>',
      description: 'names of the branches of worktrees, made with {task}, {project}, {agent} (default feature/{task})',
    },
    {
      flags: '--timeout <duration>',
      description: 'time limit of a command; one that takes longer is stopped and has failed',
    },
    { flags: '--retries <n>', description: 'run a failed command again n times, then block its task' },
    { flags: '--retry-delay <duration>', description: 'time before it is run again (default 10s)' },
    {
      flags: '--on-change <how>',
      description:
        'what to do when others change the task of a running command: restart it, or signal it (SIGUSR1); its task file is rewritten in any case',
    },
    {
      flags: '--check <command>',
      description:
        'shell command to run after a success, in the same directory; if it fails, the task has failed; may be repeated',
      repeat: 'many',
    },
    {
      flags: '--require-commits',
      description:
        'treat a success without a commit or a change as a failure, because some agents say "I could not" and exit with 0',
    },
    {
      flags: '--review',
      description: 'after a success, put the task into review, with the pull request that $AGENTQ_RESULT_FILE names',
    },
    { flags: '--no-verify', description: 'do not run the checks that task files name in `verify`' },
    {
      flags: '--heartbeat <duration>',
      description: "time between two renewals (default: a third of the queue's stalled_after)",
    },
    { flags: '--grace <duration>', description: 'time between asking a command to end and killing it (default 10s)' },
    { flags: '--log-dir <dir>', description: 'also write the output of the commands to files, one per task' },
    {
      flags: '--last-words <n>',
      description:
        "put the last n lines of a failed command's output into the commit, known secrets masked (default 0)",
    },
    { flags: '--prompt', description: 'give the command a ready-made prompt on stdin, as `agentq prompt` prints it' },
    { flags: '--template <file>', description: 'like --prompt, from a template of your own' },
    { flags: '--no-stdin', description: 'give the command no stdin; it can read $AGENTQ_TASK_FILE' },
    ...RETRY_OPTIONS.filter(({ flags }) => !flags.startsWith('--timeout')),
  ],
  examples: [
    { command: 'agentq work agent-1 -- ./agent.sh', does: 'until there is nothing to claim' },
    {
      command: 'agentq work a auth-service --concurrency 4 --worktree --prompt -- claude -p',
      does: 'four agents, each task in a worktree',
    },
    { command: 'agentq work agent-1 --wait --retries 2 --timeout 30m -- ./agent.sh', does: 'forever' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
