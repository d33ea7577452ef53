import { isoSeconds } from '../../../domain/base/clock.ts';
import { given } from '../../../domain/base/given.ts';
import { percentOf, type QueueStats, statsOf, type TaskCounts } from '../../../domain/figures/queue-stats.ts';
import { type Activity, activityOf } from '../../../domain/past/activity.ts';
import { type Pause, pausesOf } from '../../../domain/pausing/pauses.ts';
import type { PoolSettings } from '../../../domain/queue/snapshot.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Reader } from '../../../engine/queue/reader.ts';
import { OPEN_STATES, placeOf, requireProject, tipsOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { EventView, PauseView, ProjectView, Shown, StatusResult } from './result.ts';

/** Most events that the dashboard shows. */
const RECENT = 10;

/** Most commits to search for events: between them are heartbeats and, on a branch with code, all other commits. */
const LOOK_BACK = 2_000;

/** Options of `agentq status`. */
export interface StatusOptions extends CommonOptions {
  readonly project: string | undefined;
  readonly mode: 'once' | 'watch' | 'prometheus';
}

/** Reads and checks the options of `agentq status`. */
export function parse(input: Input): StatusOptions {
  const isPrometheus = input.isOn('prometheus');
  for (const other of ['watch', 'json'] as const) {
    if (isPrometheus && input.isOn(other)) throw usage(`--${other} and --prometheus exclude each other`);
  }
  return { project: input.project(), mode: isPrometheus ? 'prometheus' : input.isOn('watch') ? 'watch' : 'once' };
}

/** The dashboard, from the tip of the queue: once, or until the user has seen enough. */
export function run({ project, mode }: StatusOptions, context: CommandContext): Promise<StatusResult | Shown> {
  return context.withQueue(async (queue) => {
    if (mode === 'watch') return watch(queue, context, project);
    const { result, stats, settings } = await statusOf(queue, context.clock.now(), project);
    advise(context, stats, settings.reclaim);
    return mode === 'prometheus' ? { ...result, presentation: { text: await prometheusText(result) } } : result;
  });
}

async function prometheusText(result: StatusResult): Promise<string> {
  const { exposition } = await import('./prometheus.ts');
  return exposition(result);
}

/** The code for it is loaded only here. */
async function watch(queue: Queue, context: CommandContext, project: string | undefined): Promise<Shown> {
  const openScreen = context.answer === 'text' ? context.screen() : undefined;
  if (openScreen !== undefined) {
    const { showLive } = await import('./live/live.ts');
    await showLive(queue, context, openScreen, project);
  } else {
    const { tellChanges } = await import('./changes.ts');
    await tellChanges(queue, context, async (now) => (await statusOf(queue, now, project)).result);
  }
  return { presentation: 'shown' };
}

interface Status {
  readonly result: StatusResult;
  readonly stats: QueueStats;
  readonly settings: PoolSettings;
}

async function statusOf(queue: Queue, now: number, project: string | undefined): Promise<Status> {
  const reader = await queue.read();
  // Completed tasks are counted by name: their files are read only if a batch is named. What counts is what decisions
  // ask for, so that the open ones of a large queue are not parsed again each time.
  const scope = { read: OPEN_STATES, batches: 'where-named', witnesses: { now }, use: 'deciding' } as const;
  const snapshot = await reader.snapshot(scope, given({ project }));
  requireProject(snapshot, project);
  const stats = statsOf(snapshot, now, project);
  const recent = await recentEvents(reader, snapshot.tip, project);
  const result = {
    ...placeOf(queue),
    tip: snapshot.tip,
    ...tipsOf(snapshot),
    time: isoSeconds(now),
    paused: pausesOf(snapshot.pauses, project).map(pauseView),
    projects: stats.projects.map((counts) => ({
      ...withPercent(counts),
      batches: counts.batches.map((batch) => ({ ...batch, percent: percentOf(batch) })),
    })),
    all: withPercent(stats.all),
    limits: stats.heldBack.limits,
    inTheWay: stats.heldBack.touches,
    recent: recent.map(eventView),
  };
  return { result, stats, settings: snapshot.settings };
}

function pauseView({ project, at, by, reason }: Pause): PauseView {
  return { project: project ?? null, at, by, reason };
}

async function recentEvents(reader: Reader, tip: string, project: string | undefined): Promise<Activity[]> {
  const recent: Activity[] = [];
  for await (const commit of reader.history(tip, LOOK_BACK)) {
    const activity = activityOf(commit);
    // A heartbeat says that nothing has happened yet.
    if (activity === undefined || activity.kind === 'heartbeat') continue;
    if (project !== undefined && !activity.tasks.some((task) => task.startsWith(`${project}/`))) continue;
    recent.push(activity);
    if (recent.length === RECENT) break;
  }
  return recent;
}

function advise(context: CommandContext, { all }: QueueStats, reclaim: PoolSettings['reclaim']): void {
  if (all.stalled > 0) {
    const claims = reclaim === 'claim' ? 'the next claims take them over, or ' : '';
    context.log.info(
      `${tasks(all.stalled)} stalled: ${claims}\`agentq release-stalled\` takes back what silent agents hold`,
    );
  }
  if (all.asking > 0) {
    context.log.info(
      `${tasks(all.asking)} waiting for an answer: \`agentq list --asking\` shows them, \`agentq answer\` answers`,
    );
  }
  if (all.due > 0) {
    context.log.info(
      `${tasks(all.due)} blocked with nothing left to wait for: \`agentq unblock\` makes such tasks ready`,
    );
  }
  if (all.conflicting > 0) {
    context.log.warning(`${tasks(all.conflicting)} in two folders at once: \`agentq validate\` names them`);
  }
}

function tasks(count: number): string {
  return count === 1 ? '1 task is' : `${count} tasks are`;
}

/** A share of what is to be done: nobody is going to complete a cancelled task. */
function withPercent<Counts extends TaskCounts>(counts: Counts): Counts & Pick<ProjectView, 'percent'> {
  const { completed, total, cancelled } = counts;
  return { ...counts, percent: percentOf({ completed, total: total - cancelled }) };
}

function eventView({ kind, at, agent, tasks: names, count, commit }: Activity): EventView {
  return { time: isoSeconds(at), event: kind, agent, tasks: names, count, commit };
}
