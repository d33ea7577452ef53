import type { BoardAgent } from '../../../domain/dashboard/board.ts';
import { age, ago } from '../../format/times.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { now, open } from '../../state/board-state.ts';
import { durationText } from '../charts/units.ts';
import { LaneMarks } from './lane-marks.tsx';
import type { Lane } from './lanes.ts';
import type { TaskTest } from './passing.ts';

interface AgentRowProps {
  readonly agent: BoardAgent;
  readonly lane: Lane;
  /** End of the window, in ms. */
  readonly to: number;
  /** Other tasks are faint. undefined: none is. */
  readonly passes: TaskTest | undefined;
}

/** One agent: what it does, what it did, and how that ended. */
export function AgentRow({ agent, lane, to, passes }: AgentRowProps) {
  const { claims, completions, reviews, releases, failures, stalls, meanTaskMs } = agent;
  const mean = meanTaskMs === null ? '' : `, ${durationText(meanTaskMs)} per task on average`;
  const counts = `${claims} claims, ${completions} completed, ${reviews} put up for review, ${releases} given back, ${failures} failed, ${stalls} stalled${mean}`;
  return (
    <li class={`agent-row agent-grid is-${agent.state}${agent.isStalled ? ' is-stalled' : ''}`}>
      <div class="agent-who">
        <Avatar agent={agent.agent} size={28} />
        <strong class="agent-name" title={agent.agent}>
          {agent.agent}
        </strong>
        <span class="agent-state">
          <i class="agent-dot" aria-hidden="true" />
          {agent.isStalled ? 'stalled' : agent.state}
          {agent.since !== null && ` for ${age(agent.since, now.value)}`}
        </span>
      </div>
      <div class="agent-task">
        <Doing agent={agent} />
      </div>
      <LaneMarks agent={agent.agent} lane={lane} to={to} passes={passes} />
      <p class="agent-numbers" title={counts}>
        <span class="is-good">
          <b>{completions + reviews}</b> <i>done</i>
        </span>
        <span class={failures + stalls > 0 ? 'is-bad' : 'is-none'}>
          <b>{failures + stalls}</b> <i>failed</i>
        </span>
        <span>
          <b>{Math.round(lane.idle * 100)} %</b> <i>idle</i>
        </span>
        <span class="hidden">{counts}</span>
      </p>
    </li>
  );
}

function Doing({ agent: { task, title, lastSeen, machine } }: Pick<AgentRowProps, 'agent'>) {
  if (task !== null) {
    return (
      <button type="button" class="agent-open" onClick={() => open(task)}>
        <span class="agent-task-name">{task}</span>
        <span class="agent-task-title">{title}</span>
      </button>
    );
  }
  return (
    <span class="agent-nothing">
      {lastSeen === null ? 'not seen in this period' : `last seen ${ago(lastSeen, now.value)}`}
      {machine !== null && ` on ${machine}`}
    </span>
  );
}
