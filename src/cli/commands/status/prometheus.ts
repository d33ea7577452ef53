import { Gauge, Registry } from 'prom-client';
import type { TaskCounts } from '../../../domain/figures/queue-stats.ts';
import type { StatusResult } from './result.ts';

/** The words of `list` for what can be done with a task. Every task is in one of them. */
const STATES: readonly (readonly [state: string, of: (counts: TaskCounts) => number])[] = [
  ['ready', ({ ready }) => ready],
  ['waiting', ({ waiting, held, due }) => waiting + held + due],
  ['asking', ({ asking }) => asking],
  ['blocked', ({ blocked }) => blocked],
  ['claimed', ({ inProgress }) => inProgress],
  ['review', ({ review }) => review],
  ['completed', ({ completed }) => completed],
  ['cancelled', ({ cancelled }) => cancelled],
  ['unreadable', ({ unreadable }) => unreadable],
  ['two-states', ({ conflicting }) => conflicting],
];

/**
 * What is in the queue now, in the text exposition format of Prometheus. None of its names is one of `agentq metrics` or
 * `agentq agents`, so that a collector may have all three.
 */
export function exposition({ projects, paused }: Pick<StatusResult, 'projects' | 'paused'>): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: readonly string[]): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });

  const tasks = gauge('agentq_tasks', 'Tasks in the queue now, by what can be done with them.', ['project', 'state']);
  const stalled = gauge('agentq_stalled_tasks', 'Tasks held by an agent that is silent for too long.', ['project']);
  const isPaused = gauge('agentq_paused', 'Whether nothing is claimed of the project now: 1 or 0.', ['project']);
  for (const { project, ...counts } of projects) {
    for (const [state, of] of STATES) tasks.set({ project, state }, of(counts));
    stalled.set({ project }, counts.stalled);
    isPaused.set({ project }, paused.some((pause) => pause.project === null || pause.project === project) ? 1 : 0);
  }
  return registry.metrics();
}
