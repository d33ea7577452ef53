import { isoSeconds } from '../../../domain/base/clock.ts';
import { parseDuration } from '../../../domain/base/duration.ts';
import { quote } from '../../../domain/base/names.ts';
import { type Figures, type Metrics, measure } from '../../../domain/figures/metrics.ts';
import { adviceFor } from '../../../domain/figures/metrics-advice.ts';
import type { Beat } from '../../../domain/leases/ref-heartbeat.ts';
import { activityOf } from '../../../domain/past/activity.ts';
import { eventsSaid, type TaskEvent } from '../../../domain/past/task-event.ts';
import type { Reader } from '../../../engine/queue/reader.ts';
import { placeOf, requireProject } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import type { FiguresView, MetricsResult } from './result.ts';

const DEFAULT_WINDOW_MS = 24 * 3_600_000;

/** Options of `agentq metrics`. */
export interface MetricsOptions extends CommonOptions {
  readonly project: string | undefined;
  /** undefined: all that is known. */
  readonly sinceMs: number | undefined;
  readonly format: 'text' | 'prometheus';
}

/** Reads and checks the options of `agentq metrics`. */
export function parse(input: Input): MetricsOptions {
  const since = input.typed('since', oneLineProblem('--since'));
  const format = input.word('format', ['text', 'prometheus']) ?? 'text';
  if (format === 'prometheus' && input.isOn('json')) {
    throw usage('--json and --format prometheus exclude each other');
  }
  return { project: input.project(), sinceMs: windowOf(since), format };
}

/** Counts what the commits of the branch say. */
export function run({ project, sinceMs, format }: MetricsOptions, context: CommandContext): Promise<MetricsResult> {
  return context.withQueue(async (queue) => {
    const now = context.clock.now();
    const from = sinceMs === undefined ? undefined : now - sinceMs;
    const reader = await queue.read();
    const { events, knownFrom, queue: age } = await recorded(reader, from);
    events.push(...(await reader.beats()).map(renewal));
    const metrics = measure(events, { from, to: now, queue: age }, project);
    // A project that is gone may still have a history.
    const isKnown = project === undefined || metrics.projects.length > 0;
    if (!isKnown) requireProject(await reader.snapshot({ read: new Set() }), project);
    if (knownFrom !== undefined) {
      context.log.warning(`this clone is shallow: what happened before ${isoSeconds(knownFrom)} is not known here`);
    }
    const advice = adviceFor(metrics);
    for (const { message } of advice) context.log.info(`advice: ${message}`);
    return {
      ...placeOf(queue),
      from: metrics.from === undefined ? null : isoSeconds(metrics.from),
      to: isoSeconds(metrics.to),
      knownFrom: knownFrom === undefined ? null : isoSeconds(knownFrom),
      all: view(metrics.all),
      projects: metrics.projects.map((figures) => ({ project: figures.project, ...view(figures) })),
      agents: metrics.agents.map((figures) => ({ agent: figures.agent, ...view(figures) })),
      advice,
      presentation: { text: format === 'prometheus' ? await prometheusText(metrics) : undefined },
    };
  });
}

function windowOf(since: string | undefined): number | undefined {
  if (since === undefined) return DEFAULT_WINDOW_MS;
  if (since === 'all') return undefined;
  const parsed = parseDuration(since);
  if (parsed.kind === 'problem') throw usage(`--since ${quote(since)}: ${parsed.problem}`, 'or `all`');
  if (parsed.ms === 0) throw usage('--since must be longer than zero');
  return parsed.ms;
}

/** The events of the window, oldest first. `knownFrom` is set if the clone knows less history than was asked for. */
async function recorded(
  reader: Reader,
  from: number | undefined,
): Promise<{
  readonly events: TaskEvent[];
  readonly knownFrom: number | undefined;
  readonly queue: 'older' | 'younger';
}> {
  const events: TaskEvent[] = [];
  let knownFrom: number | undefined;
  let oldest: string | undefined;
  for await (const commit of reader.record(from)) {
    // Of the oldest commit of a shallow clone only the message can be trusted, and only the message is read.
    if (commit.isCut) knownFrom = Math.max(knownFrom ?? commit.timeMs, commit.timeMs);
    events.push(...eventsSaid(commit).reverse());
    oldest = commit.oid;
  }
  const isOlder = from !== undefined && (oldest === undefined || (await hasQueueBefore(reader, oldest)));
  return { events: events.reverse(), knownFrom, queue: isOlder ? 'older' : 'younger' };
}

/** Commits before the window in which there is no sign of a queue are those of the code that it began beside. */
const LOOKED_BACK = 200;

/** Whether the queue was in use before this commit. */
async function hasQueueBefore(reader: Reader, oid: string): Promise<boolean> {
  for await (const commit of reader.history(oid, LOOKED_BACK)) {
    if (commit.oid !== oid && activityOf(commit) !== undefined) return true;
  }
  return false;
}

/**
 * A heartbeat that was written as a ref. Each one overwrites the last, so that only the last of a claim counts. It
 * names no commit.
 */
function renewal({ agent, task, at }: Beat): TaskEvent {
  return { kind: 'task.renewed', project: task.project, task: task.id, agent, commit: '', at: Date.parse(at) };
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
    conflictRate: conflictRate === undefined ? null : rounded(conflictRate, 4),
    latencyMs: latency ?? null,
    tasksPerHour: tasksPerHour === undefined ? null : rounded(tasksPerHour, 2),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

async function prometheusText(metrics: Metrics): Promise<string> {
  const { exposition } = await import('./prometheus.ts');
  return exposition(metrics);
}
