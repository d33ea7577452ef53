import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { RETRY_OPTIONS } from '../../command/shared-options.ts';

export const branchDeclaration: CommandDeclaration = {
  name: 'branch',
  summary: 'let a project live on a branch of its own',
  description:
    'Moves a project to another coordination branch, or back to the main one: its tasks, live claims included, and the setting `branches` on the main branch, in one atomic push. A branch that does not exist is made from the main one. Workers and claims go on: they look where the project lives. Prints the branch.',
  prints: 'the branch',
  page: 'docs/branches.md',
  args: [
    { name: 'project', need: 'required', description: 'the project that moves' },
    { name: 'own-branch', need: 'optional', description: 'the branch it is to live on; the main branch: as --back' },
  ],
  options: [
    { flags: '--back', description: 'to the main branch, where projects without a branch of their own live' },
    { flags: '--dry-run', description: 'only say what would be moved' },
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq branch auth-service develop-auth', does: 'the project gets a branch of its own' },
    { command: 'agentq branch auth-service --back', does: 'and comes back to the main one' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
