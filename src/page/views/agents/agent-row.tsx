import type { BoardAgent } from '../../../domain/dashboard/board.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { now, open } from '../../state/board-state.ts';
import { durationText } from '../charts/units.ts';
import { momentOf } from '../times/clock.ts';
import { END_LOOKS } from './ends.ts';
import type { Bar, Lane } from './lanes.ts';

interface AgentRowProps {
  readonly agent: BoardAgent;
  readonly lane: Lane;
  /** End of the window, in ms. */
  readonly to: number;
}

/** One agent: what it does, what it did, and how that ended. */
export function AgentRow({ agent, lane, to }: AgentRowProps) {
  const { claims, completions, reviews, releases, failures, stalls, meanTaskMs } = agent;
  const mean = meanTaskMs === null ? '' : `, ${durationText(meanTaskMs)} on a task in the mean`;
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
          {agent.since !== null && ` for ${forHowLong(agent.since)}`}
        </span>
      </div>
      <div class="agent-task">
        <Doing agent={agent} />
      </div>
      <LaneBars agent={agent.agent} lane={lane} to={to} />
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
      {lastSeen === null ? 'not seen in this time' : `last seen ${forHowLong(lastSeen)} ago`}
      {machine !== null && ` on ${machine}`}
    </span>
  );
}

/**
 * The spans are one stop of the tab key: arrows lead from one to the next, and to those of the agents above and below.
 */
function LaneBars({ agent, lane, to }: { readonly agent: string; readonly lane: Lane; readonly to: number }) {
  return (
    // The keys are those of the buttons inside.
    <div
      class="lane"
      role="group"
      aria-label={`Tasks of ${agent}`}
      onKeyDown={moveFocus}
      style={{ '--rows': lane.rows }}
    >
      {lane.bars.map((bar, at) => {
        const text = textOf(bar, to);
        return (
          <button
            key={`${bar.task} ${bar.from}`}
            type="button"
            class={`bar end-${bar.end} tone-${END_LOOKS[bar.end].colour}${bar.isCut ? ' is-cut' : ''}`}
            tabIndex={at === lane.bars.length - 1 ? 0 : -1}
            title={text}
            aria-label={text}
            onClick={() => open(bar.task)}
            style={{ left: `min(${bar.left}%, 100% - 3px)`, width: `${bar.width}%`, '--row': bar.row }}
          >
            {bar.width > 1 && <span aria-hidden="true">{bar.task.slice(bar.task.indexOf('/') + 1)}</span>}
          </button>
        );
      })}
    </div>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const from = event.target;
  if (!(from instanceof HTMLElement)) return;
  const to = neighbourOf(from, event.key);
  if (!(to instanceof HTMLElement)) return;
  event.preventDefault();
  to.focus();
}

function neighbourOf(bar: HTMLElement, key: string): Element | null | undefined {
  if (key === 'ArrowLeft') return bar.previousElementSibling;
  if (key === 'ArrowRight') return bar.nextElementSibling;
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const left = leftOf(bar);
  const lanes = [...(bar.closest('ul')?.querySelectorAll('.lane') ?? [])].filter(
    (lane) => lane.firstElementChild !== null,
  );
  const lane = lanes[lanes.indexOf(bar.closest('.lane') as Element) + (key === 'ArrowUp' ? -1 : 1)];
  const bars = [...(lane?.querySelectorAll<HTMLElement>('.bar') ?? [])];
  const distance = (one: HTMLElement): number => Math.abs(leftOf(one) - left);
  return bars.sort((a, b) => distance(a) - distance(b))[0];
}

function leftOf(bar: HTMLElement): number {
  return bar.getBoundingClientRect().left;
}

function textOf({ task, from, to: until, end, isCut }: Bar, to: number): string {
  const began = isCut ? `before ${momentOf(from, to)}` : momentOf(from, to);
  const ended = end === 'open' ? 'until now' : `to ${momentOf(until, to)}`;
  return `${task}: ${END_LOOKS[end].label}, ${began} ${ended} (${durationText(until - from)})`;
}

function forHowLong(since: string): string {
  return durationText(Math.max(0, Math.floor((now.value - Date.parse(since)) / 60_000) * 60_000)).replace(
    /^0 ms$/,
    '1 min',
  );
}
