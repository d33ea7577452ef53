import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { RETRY_OPTIONS } from '../../command/shared-options.ts';

export const mergeDeclaration: CommandDeclaration = {
  name: 'merge',
  summary: 'bring the branches of projects together',
  description:
    "Merges the branches on which projects live into the main branch, and brings each of them what the main branch has for it: code, and tasks that somebody added there. A project's own branch is right about its tasks; everything else is merged as git does it. If only a person can decide something, nothing is changed, and the paths are named (exit 5). Touches no checkout but to follow. Prints the branches that were merged; nothing to do is a success.",
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
