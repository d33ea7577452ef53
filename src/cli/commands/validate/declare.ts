import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const validateDeclaration: CommandDeclaration = {
  name: 'validate',
  summary: 'report every defect of the queue',
  description:
    'Reads every task file, from the tip of the remote branch and without a checkout, and reports what is wrong with it: a line each, file:line: severity code: message (hint). Errors are what breaks or starves the queue, and end in exit 5; warnings do not, unless --strict is given. docs/validate.md explains every code.',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--ref <commit>', description: 'validate this commit of the clone, such as HEAD; no remote is asked' },
    { flags: '--format <format>', description: 'text, or github for annotations of a workflow' },
    { flags: '--notes', description: 'list the notes too, not only how many there are' },
    { flags: '--strict', description: 'warnings end in exit 5 too' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq validate', does: 'the whole queue' },
    { command: 'agentq validate auth-service --notes', does: 'one project, with all that is odd' },
    { command: 'agentq validate --ref HEAD --format github', does: 'what a workflow has checked out' },
    { command: "agentq validate --json | jq '.findings[].code'", does: 'as data' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
