import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, FILTER_OPTIONS, PROJECT_ARGUMENT } from '../../command/shared-options.ts';

export const watchDeclaration: CommandDeclaration = {
  name: 'watch',
  summary: 'print what happens in the queue, as it happens',
  description:
    'Prints one line per event: time, event, task, agent, commit and cursor; with --json, one document per line. Events are task.added, task.claimed, task.completed and so on, also those of older scripts and of people who move files. Each event is printed once, even if the connection is lost; --cursor continues after the event with that cursor. With a command after --, runs it at least once for each of these events, one after another, with the event as JSON on stdin and in $AGENTQ_EVENT, $AGENTQ_TASK and others. A command that fails is run again. If it keeps failing, a line on stderr says so, and the next event follows (exit 6 at the end). A line on stdout says what was done.',
  prints: 'one line per event',
  page: 'docs/watch.md',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  tail: 'command, if any',
  options: [
    { flags: '--since <start>', description: 'start after this commit or cursor, or this long ago (default: now)' },
    { flags: '--cursor <cursor>', description: 'continue after the event that had this cursor' },
    {
      flags: '--on <events>',
      description:
        'only these events, such as completed,failed: kinds without "task.", asking, failed, or all (except heartbeats)',
      repeat: 'many',
    },
    { flags: '--state <file>', description: 'keep the cursor in this file, and continue from it the next time' },
    { flags: '--retries <n>', description: 'how often the command is run again if it fails (default 3)' },
    {
      flags: '--retry-delay <duration>',
      description: 'pause before the first retry, doubled each time (default 1s)',
    },
    {
      flags: '--command-timeout <duration>',
      description: 'stop a command that takes longer; it has failed then (default 5m)',
    },
    { flags: '--once', description: 'print the events so far and stop; without a start, all of them' },
    { flags: '--until-idle <duration>', description: 'stop when nothing has happened for this long' },
    ...FILTER_OPTIONS,
  ],
  examples: [
    { command: 'agentq watch', does: 'what happens from now on' },
    { command: 'agentq watch auth-service --since 1h', does: 'events of one project, beginning with the last hour' },
    { command: 'agentq watch --json --cursor "$(cat cursor)"', does: 'continue where a script left off' },
    {
      command: 'agentq watch --on asking,failed --state seen -- ./notify.sh',
      does: 'run a command for each, also for those of last night',
    },
    { command: 'agentq watch --once --since HEAD~20', does: 'what the last commits did' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
