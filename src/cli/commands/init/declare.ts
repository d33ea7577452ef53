import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const initDeclaration: CommandDeclaration = {
  name: 'init',
  summary: 'make a queue in this repository',
  description:
    'Puts the folders of the projects and the kit (.agents-core/: scripts, settings, the protocol for agents, workflows, and this agentq in one file, which they run) on the coordination branch, in one commit, and prints the paths. If the remote does not have the branch, it starts from the default branch, or empty with --queue-only. Existing files and your working tree stay as they are. If you name no project, a new queue gets a project named "default".',
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
      description: 'start a new branch that holds only the queue; the code stays on its own branches',
    },
    { flags: '--force', description: 'overwrite files of the kit that differ from this version' },
    {
      flags: '--workflows <service>',
      description:
        'also put the workflows where github or gitlab runs them, by a commit on the default branch; if that branch is protected, the commit is yours to propose',
    },
    {
      flags: '--package <spec>',
      description:
        'let scripts and workflows run this package instead of the agentq that init puts into the repository: npm:@scope/name@1.2.3, or a path or https URL of a .tgz; "bundled" undoes it',
    },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq init', does: 'a queue with one project' },
    { command: 'agentq init auth-service billing', does: 'a queue with these two projects' },
    { command: 'agentq init auth-service --layout core', does: 'with its folders in .agents-core/state/' },
    { command: 'agentq init', does: 'again: update the agentq that scripts and workflows run' },
    { command: 'agentq init --queue-only --branch agentq-queue', does: 'on a branch without the code' },
    { command: 'agentq init --force', does: 'update the whole kit to this version' },
    {
      command: 'agentq init --workflows github',
      does: 'with the workflows in .github/workflows/ of the default branch',
    },
    { command: 'agentq init --package npm:@acme/agentq@1.2.3', does: 'let them run a package of your own' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
