import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, FILTER_OPTIONS, PROJECT_ARGUMENT } from '../../command/shared-options.ts';

export const watchDeclaration: CommandDeclaration = {
  name: 'watch',
  summary: 'print what happens in the queue, as it happens',
  description:
    'A line for each event: time, event, task, agent, commit and cursor; with --json a document a line. Events are task.added, .claimed, .renewed, .released, .stalled, .completed, .unblocked and .removed, also of older scripts and of people who move files. Each is printed once, whatever happens to the connection; a cursor goes on after its event.',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--since <start>', description: 'begin after this commit or cursor, or this long ago (default: now)' },
    { flags: '--cursor <cursor>', description: 'go on after the event that carried this cursor' },
    { flags: '--once', description: 'print what there is and stop; without a beginning, all there is' },
    { flags: '--until-idle <duration>', description: 'stop when nothing has happened for so long' },
    ...FILTER_OPTIONS,
  ],
  examples: [
    { command: 'agentq watch', does: 'what happens from now on' },
    { command: 'agentq watch auth-service --since 1h', does: 'of one project, the last hour first' },
    { command: 'agentq watch --json --cursor "$(cat cursor)"', does: 'go on where a script left off' },
    { command: 'agentq watch --once --since HEAD~20', does: 'what the last commits did' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
