import { computed, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { BoardAgent } from '../../../domain/dashboard/board.ts';
import { AGENT_STATES } from '../../../domain/figures/roster.ts';
import { counted } from '../../format/words.ts';
import { board, filters, labelled } from '../../state/board-state.ts';
import { momentOf } from '../times/clock.ts';
import { More } from '../times/more.tsx';
import { AgentRow } from './agent-row.tsx';
import { LaneAxis } from './lane-axis.tsx';
import { busyIn, type Lane, laneOf, type Period } from './lanes.ts';
import { Legend } from './legend.tsx';
import { passingAgents, taskTest } from './passing.ts';

/** Rows that are added at a time. */
const PAGE = 40;

/** Parts of the picture of how many agents are at work. */
const PARTS = 96;

/** Worked out once for each agent and window. */
const laneCache = new WeakMap<BoardAgent, { readonly key: string; readonly lane: Lane }>();

const passes = computed(() => taskTest({ project: filters.value.project }, labelled.value));
const shownAgents = computed(() => passingAgents(board.value.agents, filters.value, passes.value));

/** Each agent, what it does, and what it did in the window. */
export function AgentsView() {
  const agents = shownAgents.value;
  const { window, series } = board.value;
  // A queue that began within the window is shown from its beginning.
  const from = Math.max(Date.parse(window.from), Date.parse(series.from));
  const to = Date.parse(window.to);
  const period = useMemo(() => ({ from, to }), [from, to]);
  const lanes = useMemo(() => agents.map((agent) => cachedLane(agent, period)), [agents, period]);
  const busy = useMemo(() => busyIn(lanes, period, PARTS), [lanes, period]);
  const most = useSignal(PAGE);
  return (
    <section class="view agents-view" aria-labelledby="agents-title">
      <header class="view-head">
        <h2 id="agents-title">{counted(agents.length, 'agent')}</h2>
        <p>{summaryOf(agents, lanes)}</p>
        <Legend agents={agents} />
      </header>
      {agents.length === 0 ? (
        <p class="view-empty">
          {board.value.agents.length === 0
            ? `No agent has done anything since ${momentOf(period.from, period.to)}, and none holds a task.`
            : 'No agent passes the filters.'}
        </p>
      ) : (
        <>
          <LaneAxis period={period} busy={busy} />
          <ul class="agent-rows">
            {agents.slice(0, most.value).map((agent, at) => (
              <AgentRow
                key={agent.agent}
                agent={agent}
                lane={lanes[at] ?? laneOf(agent, period)}
                to={period.to}
                passes={passes.value}
              />
            ))}
          </ul>
          <More shown={most.value} all={agents.length} what="agents" onMore={() => (most.value += PAGE)} />
        </>
      )}
    </section>
  );
}

function cachedLane(agent: BoardAgent, period: Period): Lane {
  const key = `${period.from} ${period.to}`;
  const known = laneCache.get(agent);
  if (known?.key === key) return known.lane;
  const lane = laneOf(agent, period);
  laneCache.set(agent, { key, lane });
  return lane;
}

/** `12 working, 2 silent, 3 idle; at work 71 % of the time` */
function summaryOf(agents: readonly BoardAgent[], lanes: readonly Lane[]): string {
  const counts = AGENT_STATES.map((state) => {
    return { state, count: agents.filter((agent) => agent.state === state).length };
  });
  const states = counts.flatMap(({ state, count }) => (count === 0 ? [] : [`${count} ${state}`]));
  const idle = lanes.reduce((sum, lane) => sum + lane.idle, 0) / Math.max(1, lanes.length);
  return lanes.length === 0 ? '' : `${states.join(', ')} · had a task ${Math.round((1 - idle) * 100)} % of the time`;
}
