import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const dashboardDeclaration: CommandDeclaration = {
  name: 'dashboard',
  summary: 'show the queue in a browser: board, charts, agents, dependencies, events',
  description:
    'Serves a page on 127.0.0.1 that follows the branch, and prints its address. The page shows what needs people, the board with filters, each task with its text and log, charts over time, what each agent did, the graph of dependencies, and events as they happen. Ctrl-C ends it. The page changes nothing unless --allow-actions is given: then whoever has the address with its token can answer, unblock, release, pause and set priorities. --export writes the same page as one file that needs no server, and --json prints the document that the page shows.',
  prints: 'the address of the page',
  page: 'docs/dashboard.md',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    {
      flags: '--since <duration>',
      description: 'show charts and counts of the last such period (default 24h), or all',
    },
    { flags: '--port <n>', description: 'port of the page (default 0: any that is free)' },
    { flags: '--open', description: 'open the page in the browser' },
    { flags: '--allow-actions', description: 'let the page answer, unblock, release, pause and set priorities' },
    { flags: '--export <file>', description: 'write the page as it is now into one HTML file, and exit' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq dashboard --open', does: 'the whole queue, in the browser' },
    { command: 'agentq dashboard auth-service --since 1h', does: 'one project, with the charts of the last hour' },
    { command: 'agentq dashboard --export report.html', does: 'a file to keep or send, such as a CI artifact' },
    { command: "agentq dashboard --json | jq '.series.all.totals'", does: 'what the charts show, in numbers' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
