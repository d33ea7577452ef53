import { expect, it } from 'vitest';
import { exposition } from '../../../../src/cli/commands/agents/prometheus.ts';
import type { AgentView } from '../../../../src/cli/commands/agents/result.ts';
import { exposition as metricsExposition } from '../../../../src/cli/commands/metrics/prometheus.ts';
import { measure } from '../../../../src/domain/figures/metrics.ts';

const agent = (name: string, more: Partial<AgentView> = {}): AgentView => ({
  agent: name,
  state: 'idle',
  project: null,
  task: null,
  since: '2026-01-02T03:04:05Z',
  lastSeen: '2026-01-02T03:04:06Z',
  claims: 1,
  completions: 1,
  releases: 0,
  failures: 0,
  stalls: 0,
  reviews: 0,
  meanTaskMs: 1500,
  machine: null,
  pid: null,
  command: null,
  version: null,
  capabilities: [],
  signedIn: null,
  tasks: [],
  ...more,
});

const STATES = { working: 0, silent: 0, idle: 2, gone: 0 };

/** A line of the format, taken apart as its page says: in values, a backslash comes before itself, a quote and `n`. */
function sample(line: string): {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
} {
  const [, name = '', inside = '', value = ''] =
    /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[\d.]+(?:e[+-]?\d+)?)$/.exec(line) ??
    [];
  expect(name, line).not.toBe('');
  const labels = [...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => {
    return [key, text.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one))] as const;
  });
  return { name, labels: Object.fromEntries(labels), value: Number(value) };
}

const samplesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(sample);

it('says of each figure what it is, and of each agent what is known of it', async () => {
  const machine = 'rack "7"\\\\a';
  const text = await exposition({
    states: STATES,
    agents: [
      agent('a1', { machine, command: 'work', version: '1.0.0', signedIn: '2026-01-02T03:00:00Z' }),
      agent('a2', { lastSeen: null, since: null, meanTaskMs: null, machine, command: 'work', version: '1.0.0' }),
    ],
  });
  const samples = samplesOf(text);
  const of = (name: string) =>
    samples.filter((one) => one.name === name).map(({ labels, value }) => ({ ...labels, value }));
  expect(of('agentq_agents')).toContainEqual({ state: 'idle', value: 2 });
  expect(of('agentq_agent_state').filter(({ value }) => value === 1)).toEqual([
    { agent: 'a1', state: 'idle', value: 1 },
    { agent: 'a2', state: 'idle', value: 1 },
  ]);
  expect(of('agentq_agent_last_seen_timestamp_seconds')).toEqual([{ agent: 'a1', value: 1767323046 }]);
  expect(of('agentq_agent_mean_task_seconds')).toEqual([{ agent: 'a1', value: 1.5 }]);
  // The second one has ended without saying so.
  expect(of('agentq_agent_info')).toEqual([{ agent: 'a1', machine, command: 'work', version: '1.0.0', value: 1 }]);
  for (const name of new Set(samples.map((one) => one.name))) {
    expect(text.match(new RegExp(`^# HELP ${name} .+$`, 'gm'))).toHaveLength(1);
    expect(text.match(new RegExp(`^# TYPE ${name} gauge$`, 'gm'))).toHaveLength(1);
  }
});

it('has no series twice, no more than of a thousand agents, and none that metrics has', async () => {
  const agents = Array.from({ length: 1_200 }, (_, index) => agent(`a${index}`));
  const samples = samplesOf(await exposition({ states: STATES, agents }));
  expect(new Set(samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`)).size).toBe(samples.length);
  expect(new Set(samples.map(({ labels }) => labels.agent)).size).toBe(1_001);
  const events = [
    { kind: 'task.claimed', project: 'p', task: 'T', agent: 'a1', commit: 'c', at: 1, waitedMs: 1 },
  ] as const;
  const others = new Set(
    samplesOf(await metricsExposition(measure(events, { from: 0, to: 2 }))).map(({ name }) => name),
  );
  expect(samples.filter(({ name }) => others.has(name))).toEqual([]);
});
