import type { Advice } from '../../../domain/figures/metrics-advice.ts';
import type { ObjectiveResult } from '../../../domain/figures/objectives.ts';
import type { Latency } from '../../../domain/figures/tally.ts';
import type { Place } from '../../command/answers.ts';

/** What happened, counted; null if there is nothing to compute a figure from. */
export interface FiguresView {
  readonly claims: number;
  readonly completions: number;
  readonly releases: number;
  readonly stalls: number;
  readonly renewals: number;
  readonly failures: number;
  readonly reviews: number;
  /** From the claim to the completion or the review. */
  readonly durationMs: Pick<Latency, 'p50' | 'p95'> | null;
  readonly costUsd: number | null;
  readonly tokens: number | null;
  readonly attempts: number;
  readonly conflictRate: number | null;
  readonly latencyMs: Latency | null;
  readonly tasksPerHour: number | null;
}

export interface MetricsResult extends Place {
  readonly from: string | null;
  readonly to: string;
  /** The time from which a shallow clone knows the history; null if it knows all of the window. */
  readonly knownFrom: string | null;
  readonly all: FiguresView;
  readonly projects: readonly (FiguresView & { readonly project: string })[];
  readonly agents: readonly (FiguresView & { readonly agent: string })[];
  readonly advice: readonly Advice[];
  /** In the order in which they were given; empty without --slo. */
  readonly objectives: readonly ObjectiveResult[];
  /** The answer in another format; never part of the JSON document. */
  readonly presentation: { readonly text: string | undefined };
}
