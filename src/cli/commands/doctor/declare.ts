import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const doctorDeclaration: CommandDeclaration = {
  name: 'doctor',
  summary: 'say what is wrong with this machine, this clone and this server',
  description:
    'Checks node and git, the processes of this user, the clone, the server and the queue. Each check says ok, note or wrong, what it found, and what to do. To find out what the server can do, it pushes temporary refs under refs/agentq/probe/ and removes them again; it changes nothing else. A check that cannot be done says so. Exits with 5 if something is wrong. docs/doctor.md explains every check.',
  prints: 'one line per check',
  page: 'docs/doctor.md',
  args: [],
  options: [
    {
      flags: '--fix',
      description:
        'remove old refs and what killed processes left behind, and forget what this clone wrongly remembers of the server',
    },
    { ...TIMEOUT_OPTION, description: 'skip the checks that are not done within this time, such as 90s' },
  ],
  examples: [
    { command: 'agentq doctor', does: 'before a pool is started' },
    { command: 'agentq doctor --fix', does: 'also remove what is left over' },
    {
      command: 'agentq doctor --json | jq \'.checks[] | select(.level == "wrong")\'',
      does: 'only what is wrong',
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
