import { isoSeconds } from '../../../domain/base/clock.ts';
import { given } from '../../../domain/base/given.ts';
import { type Metrics, measure } from '../../../domain/figures/metrics.ts';
import { adviceFor } from '../../../domain/figures/metrics-advice.ts';
import {
  areAboutQueue,
  judgeObjectives,
  type Objective,
  parseObjectives,
  valueText,
} from '../../../domain/figures/objectives.ts';
import { statsOf, type TaskCounts } from '../../../domain/figures/queue-stats.ts';
import { type Figures, perHourShown, rateShown } from '../../../domain/figures/tally.ts';
import type { Reader } from '../../../engine/queue/reader.ts';
import { hasQueueBefore, recordedEvents, renewalOf } from '../../../engine/queue/recorded-events.ts';
import { OPEN_STATES, placeOf, requireProject } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readWindow } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { FiguresView, MetricsResult } from './result.ts';

/** Options of `agentq metrics`. */
export interface MetricsOptions extends CommonOptions {
  readonly project: string | undefined;
  /** undefined: all that is known. */
  readonly sinceMs: number | undefined;
  readonly format: 'text' | 'prometheus';
  readonly objectives: readonly Objective[];
}

/** Reads and checks the options of `agentq metrics`. */
export function parse(input: Input): MetricsOptions {
  const format = input.word('format', ['text', 'prometheus']) ?? 'text';
  if (format === 'prometheus' && input.isOn('json')) {
    throw usage('--json and --format prometheus exclude each other');
  }
  return { project: input.project(), sinceMs: readWindow(input), format, objectives: readObjectives(input) };
}

function readObjectives(input: Input): readonly Objective[] {
  const text = input.typed('slo', () => undefined);
  if (text === undefined) return [];
  const parsed = parseObjectives(text);
  if (parsed.kind === 'problem') throw usage(`--slo: ${parsed.problem}`);
  return parsed.objectives;
}

/** Counts what the commits of the branch say. */
export function run(options: MetricsOptions, context: CommandContext): Promise<MetricsResult> {
  const { project, sinceMs, format, objectives } = options;
  return context.withQueue(async (queue) => {
    const now = context.clock.now();
    const from = sinceMs === undefined ? undefined : now - sinceMs;
    const reader = await queue.read();
    const { events, knownFrom, oldest } = await recordedEvents(reader, from);
    const isOlder = from !== undefined && (oldest === undefined || (await hasQueueBefore(reader, oldest)));
    const renewals = (await reader.beats()).map(renewalOf);
    const metrics = measure([...events, ...renewals], { from, to: now, queue: isOlder ? 'older' : 'younger' }, project);
    // A project that is gone may still have a history.
    const isKnown = project === undefined || metrics.projects.length > 0;
    if (!isKnown) requireProject(await reader.snapshot({ read: new Set() }), project);
    if (knownFrom !== undefined) {
      context.log.warning(`this clone is shallow: what happened before ${isoSeconds(knownFrom)} is not known here`);
    }
    const advice = adviceFor(metrics);
    for (const { message } of advice) context.log.info(`advice: ${message}`);
    const counts = areAboutQueue(objectives) ? await countTasks(reader, now, project) : undefined;
    const judged = judgeObjectives(objectives, { figures: metrics.all, counts });
    for (const [index, { objective, value, met }] of judged.entries()) {
      const wanted = objectives[index];
      if (wanted !== undefined && !met) context.log.warning(`${objective} does not hold: ${valueText(wanted, value)}`);
    }
    return {
      ...placeOf(queue),
      from: metrics.from === undefined ? null : isoSeconds(metrics.from),
      to: isoSeconds(metrics.to),
      knownFrom: knownFrom === undefined ? null : isoSeconds(knownFrom),
      all: view(metrics.all),
      projects: metrics.projects.map((figures) => ({ project: figures.project, ...view(figures) })),
      agents: metrics.agents.map((figures) => ({ agent: figures.agent, ...view(figures) })),
      advice,
      objectives: judged,
      presentation: { text: format === 'prometheus' ? await prometheusText(metrics) : undefined },
    };
  });
}

/** The tasks at the tip, counted as `agentq status` does. */
async function countTasks(reader: Reader, now: number, project: string | undefined): Promise<TaskCounts> {
  const snapshot = await reader.snapshot({ read: OPEN_STATES, witnesses: { now } }, given({ project }));
  requireProject(snapshot, project);
  return statsOf(snapshot, now, project).all;
}

/** Rounded, for people and machines alike: more digits would be noise. */
function view(figures: Figures): FiguresView {
  const { claims, completions, releases, stalls, renewals, failures, reviews } = figures;
  const { attempts, conflictRate, latency, tasksPerHour, duration, costUsd, tokens } = figures;
  return {
    claims,
    completions,
    releases,
    stalls,
    renewals,
    failures,
    reviews,
    durationMs: duration ?? null,
    costUsd: costUsd === undefined ? null : rounded(costUsd, 4),
    tokens: tokens ?? null,
    attempts,
    conflictRate: rateShown(conflictRate),
    latencyMs: latency ?? null,
    tasksPerHour: perHourShown(tasksPerHour),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

async function prometheusText(metrics: Metrics): Promise<string> {
  const { exposition } = await import('./prometheus.ts');
  return exposition(metrics);
}
