import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const validateDeclaration: CommandDeclaration = {
  name: 'validate',
  summary: 'report every defect of the queue',
  description:
    'Reads the task files from the tip of the remote branch, without a checkout, and reports what is wrong, one line per finding: file:line: severity code: message (hint). Of completed tasks it reads only the names, unless --all is given, because nothing in their files can stop other tasks. Errors keep tasks from being claimed, and make it exit with 5; warnings do so only with --strict. docs/validate.md explains every code.',
  prints: 'the report',
  page: 'docs/validate.md',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    {
      flags: '--ref <commit>',
      description: 'validate this commit of the clone, such as HEAD, without asking the remote',
    },
    { flags: '--format <format>', description: 'text, or github for annotations in a workflow' },
    { flags: '--all', description: 'read the files of completed tasks too' },
    { flags: '--notes', description: 'list the notes too, instead of only counting them' },
    { flags: '--strict', description: 'exit with 5 for warnings too' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq validate', does: 'everything that can keep a task from being done' },
    { command: 'agentq validate --all --notes', does: 'everything, also about completed tasks' },
    { command: 'agentq validate auth-service --notes', does: 'one project, with the notes' },
    { command: 'agentq validate --ref HEAD --format github', does: 'the commit that a workflow checked out' },
    { command: "agentq validate --json | jq '.findings[].code'", does: 'as data' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
