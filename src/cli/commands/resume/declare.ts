import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { AUTHOR_OPTION, REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const resumeDeclaration: CommandDeclaration = {
  name: 'resume',
  summary: 'end a pause',
  description:
    'Ends the pause of the project, or that of the whole queue, but no other one; it names what else is paused. If there is no such pause, the command succeeds and changes nothing. Prints what it resumed.',
  prints: 'the project, or `*`',
  page: 'docs/pools.md#pausing',
  args: [{ name: 'project', need: 'optional', description: 'only this project; "" for the whole queue' }],
  options: [AUTHOR_OPTION, REQUEST_OPTION, ...RETRY_OPTIONS],
  examples: [
    { command: 'agentq resume', does: 'end the pause of the whole queue' },
    { command: 'agentq resume auth', does: 'end that of one project' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
