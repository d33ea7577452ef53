import type { SignedIn } from '../leases/sign-in.ts';
import type { TaskEvent } from '../past/task-event.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';
import { byCondition, type HeldTask, heldTasks } from './held-tasks.ts';
import { measure, NO_FIGURES, type Window } from './metrics.ts';
import type { Figures } from './tally.ts';

/**
 * `working`: holds a task, and its heartbeats come. `silent`: holds one, and no heartbeat has come for more than half of
 * the pool's limit. `idle`: holds nothing, but is signed in or was seen within that limit. `gone`: neither.
 */
export type AgentState = 'working' | 'silent' | 'idle' | 'gone';

export const AGENT_STATES: readonly AgentState[] = ['working', 'silent', 'idle', 'gone'];

export interface RosterAgent {
  readonly agent: string;
  readonly state: AgentState;
  /** Since when it is in this state; undefined: before the window. */
  readonly since: number | undefined;
  /** The newest thing that is known of it; undefined: before the window. */
  readonly lastSeen: number | undefined;
  /** The one that it is at work on first, those in review last. */
  readonly holds: readonly HeldTask[];
  readonly figures: Figures;
  /** The newest one. */
  readonly signedIn: SignedIn | undefined;
}

export interface Roster {
  /** By state, then in natural order. */
  readonly agents: readonly RosterAgent[];
  /** As {@link Window.from}, or the first event. */
  readonly from: number | undefined;
}

/** What is known of the agents of a queue. */
export interface RosterSources {
  /** Oldest first, of the window. */
  readonly events: readonly TaskEvent[];
  /** With its claimed files read, and with witnesses. */
  readonly snapshot: QueueSnapshot;
  readonly signIns: readonly SignedIn[];
}

/** What is known of one agent besides its figures. */
interface Trace {
  lastSeen: number | undefined;
  /** When it last held nothing any more. */
  endedAt: number | undefined;
  readonly holds: HeldTask[];
  signedIn: SignedIn | undefined;
}

/**
 * Every agent that did something in the window, holds a task now, or is signed in. The counts are those of
 * {@link measure}.
 * @param project only agents that have to do with this one, and only what they did in it; their state is that in the
 * whole queue
 */
export function rosterOf({ events, snapshot, signIns }: RosterSources, window: Window, project?: string): Roster {
  const now = window.to;
  const measured = measure(events, window, project);
  const figures = new Map(measured.agents.map((one) => [one.agent, one]));
  const traces = tracesOf(events, window);
  const concerned = new Set(figures.keys());
  for (const held of heldTasks(snapshot, claimTimes(events), now)) {
    trace(traces, held.agent).holds.push(held.task);
    see(traces, held.agent, held.task.lastHeartbeat, now);
    if (project === undefined || held.task.key.project === project) concerned.add(held.agent);
  }
  for (const signedIn of signIns) {
    const { agents, seen, project: only } = signedIn.signIn;
    const isOfWindow = signedIn.isFresh || window.from === undefined || seen >= window.from;
    for (const agent of agents) {
      const known = trace(traces, agent);
      see(traces, agent, seen, now);
      if (isNewer(signedIn, known.signedIn)) known.signedIn = signedIn;
      if (isOfWindow && (project === undefined || only === undefined || only === project)) concerned.add(agent);
    }
  }
  const limitMs = snapshot.settings.stalledAfterMs;
  const agents = [...concerned].map((agent): RosterAgent => {
    const { lastSeen, endedAt, holds, signedIn } = trace(traces, agent);
    holds.sort(byCondition);
    const state = stateOf(holds, signedIn, lastSeen, now - limitMs);
    const since = sinceOf(state, holds, signedIn, { lastSeen, endedAt });
    return { agent, state, since, lastSeen, holds, signedIn, figures: figures.get(agent) ?? NO_FIGURES };
  });
  const rank = (state: AgentState): number => AGENT_STATES.indexOf(state);
  agents.sort((a, b) => rank(a.state) - rank(b.state) || compareNatural(a.agent, b.agent));
  return { agents, from: measured.from };
}

function stateOf(
  holds: readonly HeldTask[],
  signedIn: SignedIn | undefined,
  lastSeen: number | undefined,
  goneBefore: number,
): AgentState {
  const [first] = holds;
  if (first !== undefined && first.condition !== 'review') return first.condition === 'working' ? 'working' : 'silent';
  if (signedIn?.isFresh === true) return 'idle';
  return lastSeen !== undefined && lastSeen >= goneBefore ? 'idle' : 'gone';
}

function sinceOf(
  state: AgentState,
  holds: readonly HeldTask[],
  signedIn: SignedIn | undefined,
  { lastSeen, endedAt }: Pick<Trace, 'lastSeen' | 'endedAt'>,
): number | undefined {
  switch (state) {
    case 'working':
      return holds[0]?.claimedAt;
    case 'silent':
      return holds[0]?.lastHeartbeat ?? holds[0]?.claimedAt;
    case 'idle': {
      const began = signedIn?.isFresh === true ? signedIn.signIn.since : undefined;
      return endedAt === undefined || began === undefined ? (endedAt ?? began ?? lastSeen) : Math.max(endedAt, began);
    }
    case 'gone':
      return lastSeen;
  }
}

/** A process that is there tells more than one that has ended. */
function isNewer(one: SignedIn, than: SignedIn | undefined): boolean {
  if (than === undefined || one.isFresh !== than.isFresh) return than === undefined || one.isFresh;
  return one.signIn.seen > than.signIn.seen;
}

function tracesOf(events: readonly TaskEvent[], { from, to }: Window): Map<string, Trace> {
  const traces = new Map<string, Trace>();
  for (const { kind, agent, at } of events) {
    if (at < (from ?? at)) continue;
    see(traces, agent, at, to);
    if (ENDS.has(kind)) trace(traces, agent).endedAt = Math.min(at, to);
  }
  return traces;
}

const ENDS: ReadonlySet<TaskEvent['kind']> = new Set(['task.completed', 'task.review', 'task.released', 'task.asked']);

function trace(traces: Map<string, Trace>, agent: string): Trace {
  const known = traces.get(agent);
  if (known !== undefined) return known;
  const fresh: Trace = { lastSeen: undefined, endedAt: undefined, holds: [], signedIn: undefined };
  traces.set(agent, fresh);
  return fresh;
}

/** A clock that is ahead of ours must not show an agent in the future. */
function see(traces: Map<string, Trace>, agent: string, at: number | undefined, now: number): void {
  if (at === undefined) return;
  const known = trace(traces, agent);
  known.lastSeen = Math.max(known.lastSeen ?? 0, Math.min(at, now));
}

/** When each task was last claimed, as the branch says. */
function claimTimes(events: readonly TaskEvent[]): ReadonlyMap<string, TaskEvent> {
  const claims = events.filter(({ kind }) => kind === 'task.claimed' || kind === 'task.taken');
  return new Map(claims.map((event) => [`${event.project ?? ''}/${event.task ?? ''}`, event]));
}
