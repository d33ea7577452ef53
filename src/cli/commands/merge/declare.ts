import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { RETRY_OPTIONS } from '../../command/shared-options.ts';

export const mergeDeclaration: CommandDeclaration = {
  name: 'merge',
  summary: 'merge the branches of projects',
  description:
    'Merges the branches on which projects live into the main branch, and the main branch into each of them: its code, and tasks that somebody added there. For the tasks of a project, its own branch is right; everything else is merged as git does it. If only a person can decide something, the command names the paths and changes nothing (exit 5). It touches no checkout, except to bring one up to date. Prints the branches that were merged; having nothing to do is a success.',
  prints: 'the branches that were merged',
  page: 'docs/branches.md#merging',
  args: [{ name: 'branch', need: 'many', description: 'branches of projects; default: all that the settings name' }],
  options: [
    { flags: '--into <branch>', description: 'main branch, whose settings name the others (default develop)' },
    { flags: '--dry-run', description: 'only say what would be merged' },
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq merge', does: 'all branches of projects, in both directions' },
    { command: 'agentq merge develop-auth --into develop', does: 'one of them' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
