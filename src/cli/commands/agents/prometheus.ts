import { Gauge, Registry } from 'prom-client';
import { AGENT_STATES } from '../../../domain/figures/roster.ts';
import type { AgentsResult, AgentView } from './result.ts';

/** At most this many agents have series of their own, those at work first; `agentq_agents` counts every agent. */
const MOST_AGENTS = 1_000;

/** Figures of one agent; undefined: nothing is known, and there is no series. */
const FIGURES: readonly (readonly [name: string, help: string, of: (agent: AgentView) => number | undefined])[] = [
  ['agentq_agent_tasks_held', 'Tasks that the agent holds, those in review included.', ({ tasks }) => tasks.length],
  [
    'agentq_agent_state_since_timestamp_seconds',
    'When the agent came into its state, as a Unix time.',
    ({ since }) => unixTime(since),
  ],
  [
    'agentq_agent_last_seen_timestamp_seconds',
    'When the agent was last heard of, as a Unix time.',
    ({ lastSeen }) => unixTime(lastSeen),
  ],
  [
    'agentq_agent_mean_task_seconds',
    'Mean time of a task in the window, from the claim to the completion or the review.',
    ({ meanTaskMs }) => (meanTaskMs === null ? undefined : meanTaskMs / 1000),
  ],
];

/**
 * Who is at work, in the text exposition format of Prometheus. None of its names is one of `agentq metrics`, so that a
 * collector may have both.
 */
export function exposition({ states, agents }: Pick<AgentsResult, 'states' | 'agents'>): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: readonly string[]): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const shown = agents.slice(0, MOST_AGENTS);

  const all = gauge('agentq_agents', 'Agents of the window, by state.', ['state']);
  for (const state of AGENT_STATES) all.set({ state }, states[state]);
  const inState = gauge('agentq_agent_state', 'Whether the agent is in the state: 1 or 0.', ['agent', 'state']);
  for (const { agent, state: own } of shown) {
    for (const state of AGENT_STATES) inState.set({ agent, state }, state === own ? 1 : 0);
  }
  for (const [name, help, of] of FIGURES) {
    const figure = gauge(name, help, ['agent']);
    for (const one of shown) {
      const value = of(one);
      if (value !== undefined) figure.set({ agent: one.agent }, value);
    }
  }
  const info = gauge('agentq_agent_info', 'The process that has signed in for the agent; always 1.', [
    'agent',
    'machine',
    'command',
    'version',
  ]);
  for (const { agent, machine, command, version, signedIn } of shown) {
    if (machine === null || command === null || version === null || signedIn === null) continue;
    info.set({ agent, machine, command, version }, 1);
  }
  return registry.metrics();
}

function unixTime(time: string | null): number | undefined {
  return time === null ? undefined : Date.parse(time) / 1000;
}
