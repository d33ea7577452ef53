import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const initDeclaration: CommandDeclaration = {
  name: 'init',
  summary: 'make a queue in this repository',
  description:
    'Puts the folders of the projects and the kit (.agents-core/: scripts, settings, the protocol for agents, workflows) on the coordination branch, in one commit, and prints the paths. A branch that the remote lacks begins at its default branch. What is there already stays as it is, and your working tree too. Without a project, a new queue gets one by the name of "default".',
  args: [{ name: 'project', need: 'many', description: 'projects that the queue must have' }],
  options: [
    {
      flags: '--layout <layout>',
      description: 'folders of new projects: agents (default), core, projects, split, bare or flat',
    },
    { flags: '--force', description: 'overwrite files of the kit that differ from those of this version' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq init', does: 'a queue with one project' },
    { command: 'agentq init auth-service billing', does: 'with two, by name' },
    { command: 'agentq init auth-service --layout core', does: 'below .agents-core/state/' },
    { command: 'agentq init --force', does: 'bring the kit to this version' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
