import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const doctorDeclaration: CommandDeclaration = {
  name: 'doctor',
  summary: 'tell what is wrong with this machine, this clone and this server',
  description:
    'Looks at node and git, the processes of this user, the clone, the server and the queue, and says of each what is the case and what to do: ok, note or wrong. What the server can do is tried with throwaway refs under refs/agentq/probe/, which are removed again; nothing else is changed. A check that cannot be done says so. Ends in exit 5 if something is wrong. docs/doctor.md explains every check.',
  prints: 'one line per check',
  page: 'docs/doctor.md',
  args: [],
  options: [
    {
      flags: '--fix',
      description: 'remove old refs and what killed processes have left, and forget what is remembered wrongly',
    },
    { ...TIMEOUT_OPTION, description: 'what is not checked within this time, such as 90s, is not checked' },
  ],
  examples: [
    { command: 'agentq doctor', does: 'before a pool is started' },
    { command: 'agentq doctor --fix', does: 'and remove what is left over' },
    {
      command: 'agentq doctor --json | jq \'.checks[] | select(.level == "wrong")\'',
      does: 'what to do something about',
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
