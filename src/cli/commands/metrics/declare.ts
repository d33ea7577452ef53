import { type CommandDeclaration, runnable } from '../../command/declaration.ts';
import { BRANCH_ARGUMENT, PROJECT_ARGUMENT, TIMEOUT_OPTION } from '../../command/shared-options.ts';

export const metricsDeclaration: CommandDeclaration = {
  name: 'metrics',
  summary: 'show how the pool is doing: claims, conflicts, latency, throughput',
  description:
    'Reads only the commit messages on the coordination branch, so any clone will do. The conflict rate is the share of attempts to claim that were lost to others: (attempts - successes) / attempts. If a limit of the scalability guide is crossed, prints its advice on stderr, with the number that led to it. With --slo, prints one line on stderr for each objective that does not hold.',
  prints: 'tables',
  page: 'docs/metrics.md',
  args: [PROJECT_ARGUMENT, BRANCH_ARGUMENT],
  options: [
    { flags: '--since <duration>', description: 'count the events of the last such period (default 24h), or all' },
    {
      flags: '--format <format>',
      description: 'text (default), or prometheus for the text exposition format of Prometheus',
    },
    {
      flags: '--slo <objectives>',
      description: "exit with 5 unless all hold, such as 'conflict-rate<40%,stalled<1,latency-p95<30s'",
    },
    TIMEOUT_OPTION,
  ],
  examples: [
    { command: 'agentq metrics --since 1h', does: 'the last hour' },
    { command: "agentq metrics --json | jq '.all.conflictRate'", does: 'one number' },
    {
      command: "agentq metrics --since 1h --slo 'conflict-rate<40%,stalled<1,asking<3'",
      does: 'for a job that fails when the pool has problems',
    },
    {
      command: 'agentq metrics --format prometheus > agentq.prom',
      does: "for the node exporter's textfile collector",
    },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
