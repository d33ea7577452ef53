import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const pauseDeclaration: CommandDeclaration = {
  name: 'pause',
  summary: 'let nothing be claimed for now',
  description:
    'Nothing is claimed of the project, or of the whole queue, until `agentq resume`: claims say why (exit 1), or wait with --wait. Heartbeats, completions and releases go on. Another reason replaces the first. Prints what is paused.',
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
