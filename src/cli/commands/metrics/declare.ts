import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const metricsDeclaration: CommandDeclaration = {
  name: 'metrics',
  summary: 'how the pool is doing: claims, conflicts, latency, throughput',
  description:
    'Counted from the messages of the commits on the coordination branch alone, so any clone will do. The conflict rate is that of the attempts to claim that were lost to others: (attempts - successes) / attempts. Where a limit of the scalability guide is crossed, its advice is given on stderr, with the number that led to it.',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--since <duration>', description: 'of the last so long (default 24h); all: of all that is known' },
    { flags: '--format <format>', description: 'text, or prometheus for its text exposition format' },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq metrics --since 1h', does: 'the last hour' },
    { command: "agentq metrics --json | jq '.all.conflictRate'", does: 'one number' },
    {
      command: 'agentq metrics --format prometheus > agentq.prom',
      does: "for the node exporter's textfile collector",
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
