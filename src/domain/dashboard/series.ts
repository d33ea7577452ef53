import { isoSeconds } from '../base/clock.ts';
import type { Metrics, Window } from '../figures/metrics.ts';
import type { QueueStats, TaskCounts } from '../figures/queue-stats.ts';
import { type Figures, percentile, perHourShown, rateShown, Tally, WorkTimes } from '../figures/tally.ts';
import { type Pace, PaceCount, timeLeft } from '../figures/throughput.ts';
import type { TaskEvent } from '../past/task-event.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';
import type { BoardSeries, SeriesFigures, SeriesTotals } from './board.ts';
import { type BurnUp, burnUp } from './burn-up.ts';
import type { LastEvents } from './last-events.ts';
import { Parts } from './parts.ts';

/** What figures over time are made of. */
export interface SeriesSources {
  /** Oldest first. */
  readonly events: readonly TaskEvent[];
  readonly snapshot: QueueSnapshot;
  readonly window: Window & { readonly from: number };
  readonly stats: QueueStats;
  readonly metrics: Metrics;
  readonly last: LastEvents;
  readonly project: string | undefined;
}

/** The figures of `agentq metrics` in parts of the window, of which there are at most {@link MOST_PARTS}. */
export function seriesOf({ events, snapshot, window, stats, metrics, last, project }: SeriesSources): BoardSeries {
  const inWindow = events.filter(
    ({ at, project: of }) => at >= window.from && at <= window.to && (project === undefined || of === project),
  );
  // A day's window says nothing about a queue that is an hour old: its charts begin with it.
  const began = inWindow.reduce((first, { at }) => Math.min(first, at), window.to);
  const parts = new Parts(window.queue === 'younger' ? began : window.from, window.to);
  const all = new Line(parts, new PaceCount(window));
  const lines = new Map(stats.projects.map(({ project: name }) => [name, new Line(parts, new PaceCount(window))]));
  const work = new WorkTimes();
  const added = new Map<string, number>();
  for (const event of inWindow) {
    const took = work.of(event);
    const lead = leadOf(event, added);
    all.add(event, took, lead);
    lines.get(event.project ?? '')?.add(event, took, lead);
  }
  const burnt = burnUp(snapshot, last, parts, project);
  const figuresOf = new Map(metrics.projects.map((figures) => [figures.project, figures]));
  return {
    from: isoSeconds(parts.from),
    stepMs: parts.stepMs,
    parts: parts.count,
    all: all.figures(metrics.all, stats.all, burnt.all),
    projects: Object.fromEntries(
      stats.projects.map(({ project: name, ...counts }) => [
        name,
        (lines.get(name) ?? new Line(parts, new PaceCount(window))).figures(
          figuresOf.get(name),
          counts,
          burnt.projects.get(name),
        ),
      ]),
    ),
  };
}

/** From the commit that added the task to its completion (ms); undefined: this is none, or it was added before. */
function leadOf({ kind, project, task, at }: TaskEvent, added: Map<string, number>): number | undefined {
  const name = `${project ?? ''}/${task ?? ''}`;
  if (kind === 'task.added') added.set(name, at);
  const since = kind === 'task.completed' ? added.get(name) : undefined;
  return since === undefined ? undefined : Math.max(0, at - since);
}

/** The figures of the queue or of a project, part by part. */
class Line {
  readonly #parts: Parts;
  readonly #tallies: Tally[];
  readonly #leads: number[][];

  readonly #pace: PaceCount;

  constructor(parts: Parts, pace: PaceCount) {
    this.#parts = parts;
    this.#pace = pace;
    this.#tallies = Array.from({ length: parts.count }, () => new Tally());
    this.#leads = Array.from({ length: parts.count }, () => []);
  }

  add(event: TaskEvent, took: number | undefined, lead: number | undefined): void {
    this.#pace.add(event);
    const part = this.#parts.at(event.at);
    if (part === undefined) return;
    this.#tallies[part]?.add(event, took);
    if (lead !== undefined) this.#leads[part]?.push(lead);
  }

  /** @param whole of the whole window; undefined: nothing happened */
  figures(whole: Figures | undefined, counts: TaskCounts, burnt: BurnUp | undefined): SeriesFigures {
    const each = this.#tallies.map((tally) => tally.figures(0));
    const nothing = new Array<number>(each.length).fill(0);
    return {
      claims: each.map(({ claims }) => claims),
      completions: each.map(({ completions }) => completions),
      failures: each.map(({ failures }) => failures),
      stalls: each.map(({ stalls }) => stalls),
      conflictRate: each.map(({ conflictRate }) => rateShown(conflictRate)),
      latencyP50: each.map(({ latency }) => latency?.p50 ?? null),
      latencyP95: each.map(({ latency }) => latency?.p95 ?? null),
      workP50: each.map(({ duration }) => duration?.p50 ?? null),
      leadP50: this.#leads.map((leads) => percentile(leads, 0.5) ?? null),
      scope: burnt?.scope ?? nothing,
      done: burnt?.done ?? nothing,
      totals: totalsOf(whole ?? new Tally().figures(0), counts, this.#leads.flat(), this.#pace.result()),
    };
  }
}

function totalsOf(
  figures: Figures,
  counts: TaskCounts,
  leads: readonly number[],
  pace: Pace | undefined,
): SeriesTotals {
  const { claims, completions, failures, stalls, conflictRate, latency, duration, tasksPerHour } = figures;
  const open = counts.total - counts.completed - counts.cancelled;
  const leftMs = timeLeft(open, pace?.perHour ?? tasksPerHour);
  return {
    claims,
    completions,
    failures,
    stalls,
    conflictRate: rateShown(conflictRate),
    latencyP50: latency?.p50 ?? null,
    latencyP95: latency?.p95 ?? null,
    workP50: duration?.p50 ?? null,
    leadP50: percentile(leads, 0.5) ?? null,
    tasksPerHour: perHourShown(tasksPerHour),
    pace: pace === undefined ? null : { perHour: perHourShown(pace.perHour) ?? 0, from: isoSeconds(pace.from) },
    leftMs: leftMs === undefined ? null : Math.round(leftMs),
  };
}
