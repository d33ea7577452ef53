import { COSTS, type ModelAnswer, runModel } from '../model/model.ts';
import { figuresOf, type Setting, toSamples } from './figures.ts';
import type { AgentAnswer } from './pool.ts';
import type { SimulationRun } from './simulation.ts';

/** What a reader must know about modelled figures. */
export const MODEL_NOTES: readonly string[] = [
  'Modelled, not measured: discrete-event simulation of the same protocol code over a simulated remote (compare-and-swap',
  `with a distribution of latencies). It assumes machines of their own that start an agent every ${COSTS.start} ms, and for each`,
  `connection the latency plus about ${COSTS.look} ms for a look, ${COSTS.read} for a fetch and ${COSTS.push} for a push.`,
];

/** The setting with this many agents; tasks and machines grow in proportion. */
export function scaledTo(agents: number, setting: Setting): Setting {
  const scale = (count: number): number => Math.max(1, Math.round((count * agents) / setting.agents));
  const tasks = scale(setting.tasks);
  return {
    ...setting,
    source: 'modelled',
    agents,
    tasks,
    machines: Math.min(agents, scale(setting.machines)),
    projects: Math.min(tasks, setting.projects),
  };
}

/** Lets the agents of the setting race in virtual time. */
export async function modelled(setting: Setting): Promise<SimulationRun> {
  const { answers, remote } = await runModel(setting);
  const { commits, claims, completions, violations, pushes } = remote;
  return figuresOf(setting, {
    ...toSamples(setting, answers.map(toAgentAnswer), { commits: commits + 1, claims, completions, violations }),
    pushes: pushes.started,
    rejectedPushes: pushes.started - pushes.landed,
    branchMoves: pushes.moves,
  });
}

const EXIT_CODES: Readonly<Record<ModelAnswer['kind'], number | null>> = {
  done: 0,
  nothing: 1,
  'gave-up': 2,
  killed: null,
  failed: 5,
};

function toAgentAnswer({ kind, words, ...answer }: ModelAnswer): AgentAnswer {
  return { ...answer, exitCode: EXIT_CODES[kind], words: kind === 'failed' ? words : undefined };
}
