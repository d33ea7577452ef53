import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const pauseDeclaration: CommandDeclaration = {
  name: 'pause',
  summary: 'stop all claims for now',
  description:
    'No task of the project, or of the whole queue, can be claimed until `agentq resume`. Claims say why and exit with 1, or wait with --wait. Heartbeats, completions and releases still work. A new reason replaces the old one. Prints what is paused.',
  prints: 'the project, or `*`',
  page: 'docs/pools.md#pausing',
  args: [{ name: 'project', need: 'optional', description: 'only this project; "" for the whole queue' }],
  options: [
    { flags: '--reason <text>', description: 'why, in one line; required' },
    AUTHOR_OPTION,
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: "agentq pause --reason 'the main branch is red'", does: 'the whole queue' },
    { command: "agentq pause auth --reason 'the schema is being changed'", does: 'one project' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
