import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import {
  AGENT_ARGUMENT,
  BRANCH_ARGUMENT,
  FILTER_OPTIONS,
  PROJECT_ARGUMENT,
  RETRY_OPTIONS,
} from '../../command/shared-options.ts';

export const workDeclaration: CommandDeclaration = {
  name: 'work',
  summary: 'run a command for one task after the other',
  description:
    'Claims a task, runs the command behind -- for it, renews the claim while it runs, completes the task when it exits with 0 and gives it back otherwise; and again, until there is nothing to claim. The command gets the text of the task on stdin and in $AGENTQ_TASK_FILE, and AGENTQ_PROJECT, AGENTQ_TASK_ID, AGENTQ_CLAIM_ID, AGENTQ_AGENT and AGENTQ_BRANCH. What it says goes to stderr with the name of its agent in front; stdout gets a line for each completed task. Exits with 1 when there was nothing to claim, 3 when the claim was lost (with --once), 6 when a command failed.',
  args: [
    { ...AGENT_ARGUMENT, description: 'who works; with --concurrency a prefix' },
    PROJECT_ARGUMENT,
    BRANCH_ARGUMENT,
  ],
  tail: 'command',
  options: [
    ...FILTER_OPTIONS,
    { flags: '--prefer <project>', description: 'from this project first, then from any' },
    { flags: '--concurrency <n>', description: 'agents in this process, <agent-id>-1 to -n, that share their pushes' },
    { flags: '--stagger <duration>', description: 'between the starts of two agents, such as 500ms' },
    {
      flags: '--wait [duration]',
      description: 'when there is nothing to claim, wait until there is (for so long at most)',
    },
    { flags: '--once', description: 'one task an agent' },
    { flags: '--max-tasks <n>', description: 'so many tasks at most, of all agents together' },
    {
      flags: '--worktree',
      description: 'run each command in a git worktree of its own, on a branch feature/<TASK-ID>',
    },
    {
      flags: '--worktree-dir <dir>',
      description: 'where the worktrees go (default: <clone>-worktrees beside the clone)',
    },
    { flags: '--timeout <duration>', description: 'longest run of a command; then it is stopped and has failed' },
    { flags: '--retries <n>', description: 'run a failed command again so often, then block its task' },
    { flags: '--retry-delay <duration>', description: 'before it is run again (default 10s)' },
    {
      flags: '--heartbeat <duration>',
      description: 'between two renewals (default: a third of stalled_after of the queue)',
    },
    { flags: '--grace <duration>', description: 'for a command that is to end, before it is killed (default 10s)' },
    { flags: '--log-dir <dir>', description: 'also keep what the commands say, a file a task' },
    { flags: '--no-stdin', description: 'give the command no stdin: it reads $AGENTQ_TASK_FILE' },
    ...RETRY_OPTIONS.filter(({ flags }) => !flags.startsWith('--timeout')),
  ],
  examples: [
    { command: 'agentq work agent-1 -- ./agent.sh', does: 'until nothing can be claimed' },
    {
      command: 'agentq work pool auth-service develop --concurrency 4 --worktree -- claude -p',
      does: 'four agents, each task in a worktree',
    },
    { command: 'agentq work agent-1 --wait --retries 2 --timeout 30m -- ./agent.sh', does: 'for ever' },
    {
      command: `agentq work agent-1 --once --no-stdin -- sh -c 'claude -p "$(cat "$AGENTQ_TASK_FILE")"'`,
      does: 'one task',
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
