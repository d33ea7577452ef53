/** One race of a pool of agents, measured or modelled. Times are in ms, shares from 0 to 1. */
export interface SimulationRun {
  /** `v2`: the scripts that agentq replaces. */
  readonly algorithm: 'agentq' | 'v2';
  readonly source: 'measured' | 'modelled';
  readonly agents: number;
  readonly tasks: number;
  readonly machines: number;
  readonly projects: number;
  /** Added to every connection to the remote. */
  readonly latencyMs: number;
  /** null: every agent claims once. */
  readonly workMs: number | null;
  /** Share of agents that should be killed. */
  readonly crashed: number;
  readonly seed: number;
  readonly claims: number;
  readonly completions: number;
  readonly nothingToClaim: number;
  readonly gaveUp: number;
  readonly killed: number;
  /** The largest number of agents that were told that they have the same task. */
  readonly winnersPerTask: number;
  /** (attempts - successes) / attempts, where an attempt is a successful claim or completion, or a rejected push. */
  readonly conflictRate: number;
  /** What the old test-scale.sh called the conflict rate. */
  readonly agentsWithoutTask: number;
  readonly pushes: number;
  readonly rejectedPushes: number;
  /** Pushes that moved the branch. */
  readonly branchMoves: number | null;
  readonly pushesPerClaim: number;
  readonly rejectedPushesPerClaim: number;
  readonly claimMs: Readonly<Record<'p50' | 'p95' | 'p99' | 'max', number | null>>;
  readonly tasksPerSecond: number;
  readonly wallMs: number;
  readonly commits: number;
  /** Broken guarantees, in words. */
  readonly violations: readonly string[];
  /** For each claim, when it was answered after the start, and how long it took. */
  readonly samples: readonly (readonly [atMs: number, tookMs: number])[];
}

export interface SimulateResult {
  /** Whether every guarantee held in every run of agentq. */
  readonly held: boolean;
  readonly runs: readonly SimulationRun[];
  /** What is assumed for modelled figures. */
  readonly notes: readonly string[];
  /** How text shows the result; never part of the JSON document. */
  readonly presentation: 'table' | 'csv';
}
