import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const initDeclaration: CommandDeclaration = {
  name: 'init',
  summary: 'make a queue in this repository',
  description:
    'Puts the folders of the projects and the kit (.agents-core/: scripts, settings, the protocol for agents, workflows, and this agentq in one file, which they run) on the coordination branch, in one commit, and prints the paths. If the remote lacks the branch, it starts at the default branch, or with nothing (--queue-only). Existing files and your working tree stay as they are. If you name no project, a new queue gets a project named "default".',
  prints: 'the paths it made',
  page: 'docs/getting-started.md#make-a-queue',
  args: [{ name: 'project', need: 'many', description: 'projects to create unless they exist' }],
  options: [
    {
      flags: '--layout <layout>',
      description: 'folders of new projects: agents (default), core, projects, split, bare or flat',
    },
    {
      flags: '--queue-only',
      description: 'begin a new branch with nothing: it holds the queue, and the code stays on its own branches',
    },
    { flags: '--force', description: 'overwrite files of the kit that differ from this version' },
    {
      flags: '--workflows <service>',
      description:
        'also put the workflows where they run, github or gitlab: a commit on the default branch, or one to propose if the branch is protected',
    },
    {
      flags: '--package <spec>',
      description:
        'let scripts and workflows run this package instead of the agentq that init puts into the repository: npm:@scope/name@1.2.3, a path or an https URL of a .tgz; "bundled" undoes it',
    },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq init', does: 'a queue with one project' },
    { command: 'agentq init auth-service billing', does: 'a queue with these two projects' },
    { command: 'agentq init auth-service --layout core', does: 'with its folders in .agents-core/state/' },
    { command: 'agentq init', does: 'once more: update the agentq that scripts and workflows run' },
    { command: 'agentq init --queue-only --branch agentq-queue', does: 'on a branch beside the code' },
    { command: 'agentq init --force', does: 'update the whole kit to this version' },
    {
      command: 'agentq init --workflows github',
      does: 'with the workflows in .github/workflows/ of the default branch',
    },
    { command: 'agentq init --package npm:@acme/agentq@1.2.3', does: 'let them run a package of your own' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
