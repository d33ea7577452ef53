import { isoSeconds, timeOrNull } from '../../../domain/base/clock.ts';
import { agentProblem } from '../../../domain/base/names.ts';
import { AGENT_STATES, type AgentState, type RosterAgent, rosterOf } from '../../../domain/figures/roster.ts';
import type { SignedIn } from '../../../domain/leases/sign-in.ts';
import type { TaskState } from '../../../domain/queue/task.ts';
import { recordedEvents } from '../../../engine/queue/recorded-events.ts';
import { placeOf, requireProject, tipsOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readWindow } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import { allSignIns } from '../../presence/all-sign-ins.ts';
import { heldTaskView } from '../../presence/held-task-view.ts';
import type { AgentsResult, AgentView, ProcessView } from './result.ts';

/** Of the tasks, only those that agents hold are read. */
const CLAIMED: ReadonlySet<TaskState> = new Set<TaskState>(['claimed']);

/** Options of `agentq agents`. */
export interface AgentsOptions extends CommonOptions {
  readonly project: string | undefined;
  /** Only this agent. */
  readonly only: string | undefined;
  /** undefined: all that is known. */
  readonly sinceMs: number | undefined;
  readonly format: 'text' | 'prometheus';
}

/** Reads and checks the options of `agentq agents`. */
export function parse(input: Input): AgentsOptions {
  const format = input.isOn('prometheus') ? 'prometheus' : 'text';
  if (format === 'prometheus' && input.isOn('json')) throw usage('--json and --prometheus exclude each other');
  return { project: input.project(), only: input.typed('agent', agentProblem), sinceMs: readWindow(input), format };
}

/** Who works on the queue, at its tip and in the commits of the window. */
export function run({ project, only, sinceMs, format }: AgentsOptions, context: CommandContext): Promise<AgentsResult> {
  return context.withQueue(async (queue) => {
    const now = context.clock.now();
    const from = sinceMs === undefined ? undefined : now - sinceMs;
    const reader = await queue.read();
    const { events, knownFrom } = await recordedEvents(reader, from);
    const snapshot = await reader.snapshot({ read: CLAIMED, witnesses: { now } }, { unreadable: 'leave' });
    const signIns = await allSignIns(queue, snapshot);
    const roster = rosterOf({ events, snapshot, signIns }, { from, to: now }, project);
    // A project that is gone may still have a history.
    if (roster.agents.length === 0) requireProject(snapshot, project);
    const agents = roster.agents.filter(({ agent }) => only === undefined || agent === only);
    if (only !== undefined && agents.length === 0) context.log.info(`nothing is known about ${only} in this window`);
    if (knownFrom !== undefined) {
      context.log.warning(`this clone is shallow: what happened before ${isoSeconds(knownFrom)} is not known here`);
    }
    const states = Object.fromEntries(
      AGENT_STATES.map((state) => [state, count(agents, state)]),
    ) as AgentsResult['states'];
    const views = agents.map(view);
    return {
      ...placeOf(queue),
      tip: snapshot.tip,
      ...tipsOf(snapshot),
      time: isoSeconds(now),
      from: timeOrNull(roster.from),
      knownFrom: timeOrNull(knownFrom),
      states,
      agents: views,
      presentation: { text: format === 'prometheus' ? await prometheusText({ states, agents: views }) : undefined },
    };
  });
}

function count(agents: readonly RosterAgent[], state: AgentState): number {
  return agents.filter((one) => one.state === state).length;
}

function view({ agent, state, since, lastSeen, holds, figures, signedIn }: RosterAgent): AgentView {
  const work = holds.find(({ condition }) => condition !== 'review');
  const { claims, completions, releases, failures, stalls, reviews, meanDuration } = figures;
  return {
    agent,
    state,
    project: work?.key.project ?? null,
    task: work?.key.id ?? null,
    since: timeOrNull(since),
    lastSeen: timeOrNull(lastSeen),
    claims,
    completions,
    releases,
    failures,
    stalls,
    reviews,
    meanTaskMs: meanDuration === undefined ? null : Math.round(meanDuration),
    ...processView(signedIn),
    tasks: holds.map(heldTaskView),
  };
}

function processView(signedIn: SignedIn | undefined): ProcessView {
  if (signedIn === undefined) {
    return { machine: null, pid: null, command: null, version: null, capabilities: [], signedIn: null };
  }
  const { machine, pid, command, version, capabilities, since } = signedIn.signIn;
  return { machine, pid, command, version, capabilities, signedIn: signedIn.isFresh ? isoSeconds(since) : null };
}

async function prometheusText(shown: Pick<AgentsResult, 'states' | 'agents'>): Promise<string> {
  const { exposition } = await import('./prometheus.ts');
  return exposition(shown);
}
