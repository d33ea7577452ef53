import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { RETRY_OPTIONS } from '../../command/shared-options.ts';

export const branchDeclaration: CommandDeclaration = {
  name: 'branch',
  summary: 'move a project to a branch of its own',
  description:
    'Moves a project to another coordination branch, or back to the main one. One atomic push moves its tasks, live claims included, and changes the setting `branches` on the main branch. A branch that does not exist yet starts from the main one. Workers and claims go on: they look where the project lives. Prints the branch.',
  prints: 'the branch',
  page: 'docs/branches.md',
  args: [
    { name: 'project', need: 'required', description: 'the project that moves' },
    { name: 'own-branch', need: 'optional', description: 'the branch that it moves to; the main branch means --back' },
  ],
  options: [
    { flags: '--back', description: 'move it to the main branch, where projects without a branch of their own live' },
    { flags: '--dry-run', description: 'only say what would be moved' },
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq branch auth-service develop-auth', does: 'the project gets a branch of its own' },
    { command: 'agentq branch auth-service --back', does: 'the project moves back to the main branch' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
