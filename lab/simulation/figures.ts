import { type Audit, contradictions } from './audit.ts';
import type { AgentAnswer } from './pool.ts';
import type { SimulationRun } from './simulation.ts';

/** What figures are computed from, measured or modelled. */
export interface Samples {
  /** When each claim was answered, in ms since the start, and how long it took. */
  readonly claims: readonly { readonly atMs: number; readonly tookMs: number }[];
  /** Number of claims per task, as agents were told. */
  readonly winners: ReadonlyMap<string, number>;
  readonly completions: number;
  /** Number of agents that got any task. */
  readonly served: number;
  readonly nothing: number;
  readonly gaveUp: number;
  readonly killed: number;
  readonly wallMs: number;
  readonly pushes: number;
  readonly rejectedPushes: number;
  /** null if nobody can tell. */
  readonly branchMoves: number | null;
  readonly commits: number;
  readonly violations: readonly string[];
}

/** What was simulated. */
export type Setting = Pick<
  SimulationRun,
  'algorithm' | 'source' | 'agents' | 'tasks' | 'machines' | 'projects' | 'latencyMs' | 'workMs' | 'crashed' | 'seed'
>;

/** All figures of a run. */
export function figuresOf(setting: Setting, samples: Samples): SimulationRun {
  const { claims, winners, pushes, rejectedPushes, branchMoves, wallMs } = samples;
  const took = claims.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const attempts = claims.length + samples.completions + rejectedPushes;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    ...setting,
    claims: claims.length,
    completions: samples.completions,
    nothingToClaim: samples.nothing,
    gaveUp: samples.gaveUp,
    killed: samples.killed,
    winnersPerTask: Math.max(0, ...winners.values()),
    conflictRate: share(rejectedPushes, attempts),
    agentsWithoutTask: share(setting.agents - samples.served, setting.agents),
    pushes,
    rejectedPushes,
    branchMoves,
    pushesPerClaim: share(pushes, claims.length),
    rejectedPushesPerClaim: share(rejectedPushes, claims.length),
    claimMs: {
      p50: quantile(took, 0.5),
      p95: quantile(took, 0.95),
      p99: quantile(took, 0.99),
      max: took.at(-1) ?? null,
    },
    tasksPerSecond: share(claims.length * 1000, wallMs),
    wallMs,
    commits: samples.commits,
    violations: samples.violations,
    samples: claims.map(({ atMs, tookMs }) => [Math.round(atMs), Math.round(tookMs)] as const),
  };
}

/** The value at or below which this share of the sorted values is (nearest rank); null if there are none. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

type FromAgents = Omit<Samples, 'pushes' | 'rejectedPushes' | 'branchMoves'>;

/** What the answers and the branch tell together. */
export function toSamples(setting: Setting, answers: readonly AgentAnswer[], audit: Audit): FromAgents {
  const asked = answers.filter(({ action }) => action === 'claim');
  const won = asked.filter(({ task }) => task !== undefined);
  const winners = new Map<string, number>();
  for (const { task = '' } of won) winners.set(task, (winners.get(task) ?? 0) + 1);
  const ending = (exitCode: number | null): number => asked.filter((answer) => answer.exitCode === exitCode).length;
  const killed = new Set(answers.filter(({ exitCode }) => exitCode === null).map(({ agent }) => agent)).size;
  const failed = answers.flatMap(({ agent, action, exitCode, words }) =>
    words === undefined ? [] : [`${agent}: ${action} ended with exit ${exitCode}: ${words}`],
  );
  const gaveUp = ending(2);
  const expected = setting.workMs === null ? Math.min(setting.agents, setting.tasks) : setting.tasks;
  // An agent that is killed while it works leaves no answer, and may leave tasks that nobody is left to take.
  const isComplete =
    setting.crashed > 0 || killed > 0 || gaveUp > 0 || failed.length > 0 || audit.claims.length >= expected;
  return {
    claims: won.map(({ startedMs, endedMs }) => ({ atMs: endedMs, tookMs: endedMs - startedMs })),
    winners,
    completions: audit.completions,
    served: new Set(won.map(({ agent }) => agent)).size,
    nothing: ending(1),
    gaveUp,
    killed,
    wallMs: Math.max(0, ...answers.map(({ endedMs }) => endedMs)),
    commits: audit.commits,
    violations: [
      ...audit.violations,
      ...contradictions(answers, audit),
      ...failed,
      ...(isComplete ? [] : [`${audit.claims.length} tasks were claimed where ${expected} could have been`]),
    ],
  };
}
