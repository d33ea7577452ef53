import { Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../../domain/figures/metrics.ts';
import type { Figures } from '../../../domain/figures/tally.ts';

/** Seconds. The guide calls claims of more than five seconds slow. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Figures counted per project and per agent; undefined: the figure is not known, and there is no series. */
const COUNTS: readonly (readonly [name: string, help: string, of: (figures: Figures) => number | undefined])[] = [
  ['agentq_claims', 'Tasks claimed in the window.', ({ claims }) => claims],
  ['agentq_completions', 'Tasks completed in the window.', ({ completions }) => completions],
  ['agentq_releases', 'Tasks given back in the window.', ({ releases }) => releases],
  ['agentq_stalls', 'Tasks taken from silent agents in the window.', ({ stalls }) => stalls],
  ['agentq_failures', "Times that workers' commands failed in the window.", ({ failures }) => failures],
  ['agentq_reviews', 'Tasks that were done and waited for a merge in the window.', ({ reviews }) => reviews],
  ['agentq_claim_attempts', 'Attempts that the claims of the window took.', ({ attempts }) => attempts],
  ['agentq_cost_usd', 'What work that ended in the window has cost, as its commands said.', ({ costUsd }) => costUsd],
  ['agentq_tokens', 'Tokens of work that ended in the window, as its commands said.', ({ tokens }) => tokens],
];

/**
 * The figures in the text exposition format of Prometheus. They are gauges: the window moves, so that a figure may
 * fall, and an agent that was idle for long enough is not in it at all.
 */
export function exposition(metrics: Metrics): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });

  for (const [name, help, of] of COUNTS) {
    const byProject = gauge(name, help, ['project']);
    for (const figures of metrics.projects) setKnown(byProject, { project: figures.project }, of(figures));
    const byAgent = gauge(name.replace('agentq_', 'agentq_agent_'), `${help.slice(0, -1)}, by agent.`, ['agent']);
    for (const figures of metrics.agents) setKnown(byAgent, { agent: figures.agent }, of(figures));
  }
  const rate = gauge(
    'agentq_conflict_ratio',
    'Share of attempts to claim that were lost to others: (attempts - successes) / attempts.',
    ['project'],
  );
  const throughput = gauge('agentq_tasks_per_hour', 'Tasks completed per hour.', ['project']);
  const latency = new Histogram({
    name: 'agentq_claim_latency_seconds',
    help: 'How long the claims of the window took.',
    labelNames: ['project'],
    buckets: BUCKETS,
    registers: [registry],
  });
  for (const { project, conflictRate, tasksPerHour } of metrics.projects) {
    if (conflictRate !== undefined) rate.set({ project }, conflictRate);
    if (tasksPerHour !== undefined) throughput.set({ project }, tasksPerHour);
    for (const ms of metrics.waits.get(project) ?? []) latency.observe({ project }, ms / 1000);
  }
  if (metrics.from !== undefined) {
    gauge('agentq_window_seconds', 'Length of the window that the figures cover.').set(
      (metrics.to - metrics.from) / 1000,
    );
  }
  return registry.metrics();
}

function setKnown(gauge: Gauge, labels: Readonly<Record<string, string>>, value: number | undefined): void {
  if (value !== undefined) gauge.set({ ...labels }, value);
}
