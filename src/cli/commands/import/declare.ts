import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { REQUEST_OPTION, RETRY_OPTIONS } from '../../command/shared-options.ts';

export const importDeclaration: CommandDeclaration = {
  name: 'import',
  summary: 'move tasks here from another tracker',
  description:
    'Reads the tasks of another tracker (github, beads, backlog, taskmaster, pm, markdown, or agentq for what `agentq export` wrote) and adds them to the queue, all in one commit, or none. When it is run again, it updates the tasks that it made before (same ref), and adds only new ones. Tasks that are done there are left out, unless --closed moves them as completed tasks. docs/moving.md says what each field becomes.',
  prints: '`project/TASK-ID`, one line per task',
  page: 'docs/moving.md',
  args: [
    {
      name: 'tracker',
      need: 'required',
      description: 'github, beads, backlog, taskmaster, pm, markdown or agentq',
    },
    {
      name: 'path',
      need: 'optional',
      description: 'the file of the tracker, - for stdin, or the folder that it is used in (default: this one)',
    },
  ],
  options: [
    { flags: '--project <project>', description: 'project of the tasks; required unless the queue has exactly one' },
    { flags: '--closed', description: 'also move the tasks that are done, as completed tasks' },
    { flags: '--new-ids', description: 'give the tasks new ids of this queue, even if their names could be ids' },
    { flags: '--id-prefix <prefix>', description: 'prefix of new ids (default: that of the ids in the project)' },
    { flags: '--layout <layout>', description: 'folders of a new project (default: those of other projects)' },
    { flags: '--agent <agent-id>', description: 'agent that adds the tasks (default orchestrator)' },
    {
      flags: '--dry-run',
      description: 'print what each task becomes, and what is dropped and why, but change nothing',
    },
    REQUEST_OPTION,
    ...RETRY_OPTIONS,
  ],
  examples: [
    { command: 'agentq import beads --dry-run', does: 'what would become of .beads/issues.jsonl' },
    { command: 'agentq import backlog backlog --project web', does: 'the tasks of Backlog.md, into the project web' },
    { command: 'agentq import github issues.json', does: 'what `gh issue list --json ...` printed' },
    { command: 'agentq import taskmaster --closed', does: 'also the tasks that are done' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
