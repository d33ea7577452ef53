import { isoSeconds, timeOrNull } from '../base/clock.ts';
import { measure, type Window } from '../figures/metrics.ts';
import { percentOf, type QueueStats, statsOf } from '../figures/queue-stats.ts';
import { type RosterAgent, rosterOf } from '../figures/roster.ts';
import { saidWith } from '../past/event-view.ts';
import { pausesOf } from '../pausing/pauses.ts';
import { mentionsBatch } from '../queue/batches.ts';
import { everyEntry, type QueueSnapshot } from '../queue/snapshot.ts';
import { formatKey } from '../queue/task.ts';
import type { Board, BoardAgent, BoardCounts, BoardEvent, BoardProject } from './board.ts';
import { cardsOf } from './cards.ts';
import { LastEvents } from './last-events.ts';
import { seriesOf } from './series.ts';
import type { BoardSources, RecentEvent } from './sources.ts';
import { spansOf } from './spans.ts';

/** What the dashboard shows of the queue. Pure: the figures are those that the other commands have of the same commits. */
export function boardOf(sources: BoardSources): Board {
  const { branch, remote, snapshot, events, recent, signIns, now, knownFrom, project } = sources;
  const window: Window = { from: sources.from, to: now, queue: sources.queue };
  const stats = statsOf(snapshot, now, project);
  const metrics = measure(events, window, project);
  const roster = rosterOf({ events, snapshot, signIns }, { from: sources.from, to: now }, project);
  const from = sources.from ?? metrics.from ?? now;
  const last = new LastEvents(events);
  const tasks = cardsOf(snapshot, last, now, project);
  const spans = spansOf(events, snapshot, { from, to: now }, project);
  return {
    branch,
    remote: remote ?? null,
    tip: snapshot.tip,
    time: isoSeconds(now),
    window: { from: isoSeconds(from), to: isoSeconds(now) },
    knownFrom: timeOrNull(knownFrom),
    stalledAfterMs: snapshot.settings.stalledAfterMs,
    paused: pausesOf(snapshot.pauses, project).map(({ project: of, at, by, reason }) => {
      return { project: of ?? null, at, by, reason };
    }),
    projects: projectsOf(stats, snapshot),
    all: withPercent(stats.all),
    tasks,
    agents: roster.agents.map((agent) => agentOf(agent, spans.get(agent.agent) ?? [])),
    events: recent.filter(({ event }) => project === undefined || event.project === project).map(eventOf),
    series: seriesOf({ events, snapshot, window: { ...window, from }, stats, metrics, last, project }),
  };
}

function projectsOf({ projects }: QueueStats, snapshot: QueueSnapshot): BoardProject[] {
  const named = branchesWithBatches(snapshot);
  const branchOf = snapshot.branchOf ?? (() => '');
  return projects.map(({ project, batches, ...counts }) => ({
    project,
    ...withPercent(counts),
    // As `agentq status` has them, which reads completed tasks only where an open one is about a batch.
    batches: named.has(branchOf(project))
      ? batches.map(({ batch, completed, total }) => ({
          batch,
          completed,
          total,
          percent: percentOf({ completed, total }),
        }))
      : [],
  }));
}

/** The branches on which an open task is about a batch. */
function branchesWithBatches({ projects, branchOf = () => '' }: QueueSnapshot): ReadonlySet<string> {
  const named = new Set<string>();
  for (const project of projects.values()) {
    const branch = branchOf(project.name);
    if (!named.has(branch) && everyEntry(project).some((entry) => mentionsBatch(entry, 'where-named'))) {
      named.add(branch);
    }
  }
  return named;
}

function withPercent(counts: Omit<BoardCounts, 'percent'>): BoardCounts {
  const { completed, total, cancelled } = counts;
  return { ...counts, percent: percentOf({ completed, total: total - cancelled }) };
}

function agentOf(
  { agent, state, since, lastSeen, holds, figures, signedIn }: RosterAgent,
  spans: BoardAgent['spans'],
): BoardAgent {
  const held = holds.find(({ condition }) => condition !== 'review');
  const { claims, completions, releases, failures, stalls, reviews, meanDuration } = figures;
  return {
    agent,
    state,
    isStalled: held?.condition === 'stalled',
    task: held === undefined ? null : formatKey(held.key),
    title: held?.title ?? null,
    since: timeOrNull(since),
    lastSeen: timeOrNull(lastSeen),
    machine: signedIn?.signIn.machine ?? null,
    claims,
    completions,
    releases,
    failures,
    stalls,
    reviews,
    meanTaskMs: meanDuration === undefined ? null : Math.round(meanDuration),
    spans,
  };
}

/** An event as the board has it. */
export function eventOf({ event, title }: RecentEvent): BoardEvent {
  const { kind, at, project, task, agent, commit } = event;
  return {
    event: kind,
    time: isoSeconds(at),
    project: project ?? null,
    task: task ?? null,
    title: title ?? null,
    agent,
    commit,
    text: saidWith(event) ?? null,
  };
}
