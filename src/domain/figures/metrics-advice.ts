import { approximateDuration } from '../base/duration.ts';
import type { Metrics } from './metrics.ts';

/** A figure, and what to do about it. */
export interface Advice {
  readonly advice: 'specialise' | 'stagger' | 'add-tasks' | 'fewer-agents-a-machine';
  /** The figure that led to the advice. */
  readonly figure: 'conflictRate' | 'latencyP95Ms' | 'claimsPerAgent';
  readonly value: number;
  /** The limit that the figure crossed. */
  readonly limit: number;
  /** For people: the figure and what to do, in one line. */
  readonly message: string;
}

/** The limits of the scalability guide. */
export const LIMITS = {
  /** From here on the guide recommends that agents specialise (10 to 50 agents, 10 to 20 %). */
  conflictsToSpecialise: 0.1,
  /** The guide's "high conflict rate". */
  conflictsToStagger: 0.4,
  /** Claims take longer than this only in a large pool that was not tuned. */
  latencyMs: 5_000,
  /** The guide lets this many agents push at a time. */
  agentsAtOnce: 20,
  /** With fewer claims than this per agent, most agents compete for the last tasks. */
  claimsPerAgent: 2,
  /** Fewer claims than this say nothing. */
  leastClaims: 10,
} as const;

/** The guide's advice if its limits are crossed, each with the number that led to it. */
export function adviceFor({ all, agents }: Metrics): Advice[] {
  const advice: Advice[] = [];
  const claimers = agents.filter(({ claims }) => claims > 0).length;
  const p95 = all.latency?.p95 ?? 0;
  if (all.claims < LIMITS.leastClaims) return [];
  const rate = all.conflictRate ?? 0;
  const shown = `${Math.round(rate * 100)}% of the attempts to claim were lost to others`;
  const ofConflicts = (limit: number): Pick<Advice, 'figure' | 'value' | 'limit'> => {
    return { figure: 'conflictRate', value: rate, limit };
  };
  if (rate >= LIMITS.conflictsToSpecialise) {
    const message = `${shown}: specialise agents, one project each (\`agentq claim <agent> <project>\`) or by --prefer, --type or priority`;
    advice.push({ advice: 'specialise', ...ofConflicts(LIMITS.conflictsToSpecialise), message });
  }
  if (rate > LIMITS.conflictsToStagger) {
    const message = `${shown}: stagger the starts of agents by half a second or more`;
    advice.push({ advice: 'stagger', ...ofConflicts(LIMITS.conflictsToStagger), message });
  }
  const share = claimers === 0 ? 0 : all.claims / claimers;
  if (rate > LIMITS.conflictsToStagger && share < LIMITS.claimsPerAgent) {
    const message = `${all.claims} claims for ${claimers} agents, ${share.toFixed(1)} each: create more tasks, or run fewer agents`;
    advice.push({ advice: 'add-tasks', figure: 'claimsPerAgent', value: share, limit: LIMITS.claimsPerAgent, message });
  }
  if (p95 > LIMITS.latencyMs && claimers > LIMITS.agentsAtOnce) {
    const message = `one claim in twenty took longer than ${approximateDuration(p95)}, with ${claimers} agents: run fewer per machine, or spread them over more machines`;
    advice.push({
      advice: 'fewer-agents-a-machine',
      figure: 'latencyP95Ms',
      value: p95,
      limit: LIMITS.latencyMs,
      message,
    });
  }
  return advice;
}
