import type { AgentState } from '../../../domain/figures/roster.ts';
import type { SignInCommand } from '../../../domain/leases/sign-in.ts';
import type { Place } from '../../command/answers.ts';
import type { HeldTaskView } from '../../presence/held-task-view.ts';

/** The process that has signed in for an agent; null: none has, or the remote takes no sign-ins. */
export interface ProcessView {
  readonly machine: string | null;
  readonly pid: number | null;
  readonly command: SignInCommand | null;
  readonly version: string | null;
  /** What it has that tasks may need. */
  readonly capabilities: readonly string[];
  /** Since when; null if it has ended without saying so. */
  readonly signedIn: string | null;
}

/** An agent, and what it did in the window. */
export interface AgentView extends ProcessView {
  readonly agent: string;
  readonly state: AgentState;
  /** The task that it is at work on; null: none. */
  readonly project: string | null;
  readonly task: string | null;
  /** Since when it is in this state; null: before the window. */
  readonly since: string | null;
  readonly lastSeen: string | null;
  readonly claims: number;
  readonly completions: number;
  readonly releases: number;
  readonly failures: number;
  readonly stalls: number;
  readonly reviews: number;
  /** From the claim to the completion or the review. */
  readonly meanTaskMs: number | null;
  /** All tasks that it holds, also those in review. */
  readonly tasks: readonly HeldTaskView[];
}

export interface AgentsResult extends Place {
  readonly tip: string;
  /** By branch, if projects live on several. */
  readonly tips?: Readonly<Record<string, string>>;
  readonly time: string;
  /** null: nothing happened, and all of the past was asked for. */
  readonly from: string | null;
  /** The time from which a shallow clone knows the history; null if it knows all of the window. */
  readonly knownFrom: string | null;
  /** How many of the agents are in each state. */
  readonly states: Readonly<Record<AgentState, number>>;
  /** By state, then in natural order. */
  readonly agents: readonly AgentView[];
  /** The answer in another format; never part of the JSON document. */
  readonly presentation: { readonly text: string | undefined };
}
