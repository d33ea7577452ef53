import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const metricsDeclaration: CommandDeclaration = {
  name: 'metrics',
  summary: 'show how the pool is doing: claims, conflicts, latency, throughput',
  description:
    'Counts from the commit messages on the coordination branch alone, so any clone will do. The conflict rate is the share of attempts to claim that were lost to others: (attempts - successes) / attempts. If a limit of the scalability guide is crossed, prints its advice on stderr, with the number that led to it. With --slo, each objective that does not hold is a line on stderr.',
  prints: 'tables',
  page: 'docs/metrics.md',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--since <duration>', description: 'count the events of this last period (default 24h), or all' },
    { flags: '--format <format>', description: 'text, or prometheus for the text exposition format of Prometheus' },
    {
      flags: '--slo <objectives>',
      description: "exit 5 unless all hold, such as 'conflict-rate<40%,stalled<1,latency-p95<30s'",
    },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq metrics --since 1h', does: 'the last hour' },
    { command: "agentq metrics --json | jq '.all.conflictRate'", does: 'one number' },
    {
      command: "agentq metrics --since 1h --slo 'conflict-rate<40%,stalled<1,asking<3'",
      does: 'for a job that is to fail when the pool is not well',
    },
    {
      command: 'agentq metrics --format prometheus > agentq.prom',
      does: "for the node exporter's textfile collector",
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
