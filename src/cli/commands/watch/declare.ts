import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, FILTER_OPTIONS, PROJECT_ARGUMENT } from '../../command/shared-options.ts';

export const watchDeclaration: CommandDeclaration = {
  name: 'watch',
  summary: 'print what happens in the queue, as it happens',
  description:
    'Prints one line per event: time, event, task, agent, commit and cursor; with --json, one document per line. Events are task.added, .claimed, .renewed, .released, .stalled, .completed, .unblocked, .blocked, .updated, .noted and .removed, also those of older scripts and of people who move files. Each event is printed once, even if the connection is lost; a cursor continues after its event.',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--since <start>', description: 'start after this commit or cursor, or this long ago (default: now)' },
    { flags: '--cursor <cursor>', description: 'continue after the event that had this cursor' },
    { flags: '--once', description: 'print the events so far and stop; without a start, all of them' },
    { flags: '--until-idle <duration>', description: 'stop when nothing has happened for this long' },
    ...FILTER_OPTIONS,
  ],
  examples: [
    { command: 'agentq watch', does: 'what happens from now on' },
    { command: 'agentq watch auth-service --since 1h', does: 'of one project, the last hour first' },
    { command: 'agentq watch --json --cursor "$(cat cursor)"', does: 'continue where a script left off' },
    { command: 'agentq watch --once --since HEAD~20', does: 'what the last commits did' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
