import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const graphDeclaration: CommandDeclaration = {
  name: 'graph',
  summary: 'show which tasks require which, and the critical path',
  description:
    'Reads the queue from the tip of the remote branch. Each task is followed by the tasks that it requires. If several tasks require the same one, its own requirements are shown once, and later lines refer to that. Completed tasks are left out unless --all is given. The critical path is the longest chain of open tasks; among several of that length, it is the one with the highest priorities. Only work on that path brings the end closer. With a project, tasks of other projects are shown only if it requires them.',
  prints: 'a tree, Mermaid, Graphviz or SVG',
  page: 'docs/watch.md#what-requires-what',
  args: [PROJECT_ARGUMENT],
  options: [
    { flags: '--format <format>', description: 'text (default), mermaid, dot or svg' },
    { flags: '--all', description: 'also show completed and cancelled tasks' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq graph auth-service', does: 'what waits for what in one project' },
    { command: 'agentq graph --format svg > graph.svg', does: 'a picture' },
    { command: 'agentq graph --format mermaid', does: 'for a comment or a page on GitHub or GitLab' },
    { command: "agentq graph --json | jq '.criticalPath'", does: 'what to do first' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
