import { parseDuration } from '../base/duration.ts';
import { quote } from '../base/names.ts';
import { closest } from '../base/suggest.ts';
import type { TaskCounts } from './queue-stats.ts';
import type { Figures } from './tally.ts';

/** A figure that an objective is about, as it is written and as it is counted. */
interface Indicator {
  /** In what a limit for it is given: a share as 40% or 0.4, a time as 30s, everything else as a plain number. */
  readonly unit: 'number' | 'share' | 'duration';
  /** `queue`: of the tasks as they are now; `window`: of what happened in the window. */
  readonly from: 'queue' | 'window';
  /** undefined: there is nothing to compute it from. */
  of(measured: Measured): number | undefined;
}

/** What objectives are judged by. Counts of the queue are there if any objective asks for them. */
export interface Measured {
  readonly figures: Figures;
  readonly counts: TaskCounts | undefined;
}

const INDICATORS: Readonly<Record<string, Indicator>> = {
  'conflict-rate': { unit: 'share', from: 'window', of: ({ figures }) => figures.conflictRate },
  claims: inWindow('claims'),
  completions: inWindow('completions'),
  releases: inWindow('releases'),
  failures: inWindow('failures'),
  stalls: inWindow('stalls'),
  reviews: inWindow('reviews'),
  attempts: inWindow('attempts'),
  'tasks-per-hour': { unit: 'number', from: 'window', of: ({ figures }) => figures.tasksPerHour },
  'latency-p50': { unit: 'duration', from: 'window', of: ({ figures }) => figures.latency?.p50 },
  'latency-p95': { unit: 'duration', from: 'window', of: ({ figures }) => figures.latency?.p95 },
  'latency-p99': { unit: 'duration', from: 'window', of: ({ figures }) => figures.latency?.p99 },
  'duration-p50': { unit: 'duration', from: 'window', of: ({ figures }) => figures.duration?.p50 },
  'duration-p95': { unit: 'duration', from: 'window', of: ({ figures }) => figures.duration?.p95 },
  'cost-usd': { unit: 'number', from: 'window', of: ({ figures }) => figures.costUsd },
  tokens: { unit: 'number', from: 'window', of: ({ figures }) => figures.tokens },
  ready: inQueue('ready'),
  waiting: inQueue('waiting'),
  asking: inQueue('asking'),
  blocked: inQueue('blocked'),
  'in-progress': inQueue('inProgress'),
  review: inQueue('review'),
  stalled: inQueue('stalled'),
  unreadable: inQueue('unreadable'),
};

/** The names of all figures, for messages and docs. */
export const INDICATOR_NAMES: readonly string[] = Object.keys(INDICATORS);

const OPERATORS = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
} as const;

type Operator = keyof typeof OPERATORS;

/** A service level objective: a figure and its limit. */
export interface Objective {
  /** As it was written. */
  readonly text: string;
  readonly name: string;
  readonly operator: Operator;
  /** A share from 0 to 1, ms, or a plain number. */
  readonly limit: number;
}

/** How an objective is met. */
export interface ObjectiveResult {
  readonly objective: string;
  /** In the unit of the limit; null: there is nothing to compute it from. */
  readonly value: number | null;
  readonly met: boolean;
}

export type ParsedObjectives =
  | { readonly kind: 'objectives'; readonly objectives: readonly Objective[] }
  | { readonly kind: 'problem'; readonly problem: string };

/** Reads `conflict-rate<40%,stalled<1,latency-p95<=10s`. */
export function parseObjectives(text: string): ParsedObjectives {
  const objectives: Objective[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const parsed = parseObjective(part);
    if (typeof parsed === 'string') return { kind: 'problem', problem: parsed };
    objectives.push(parsed);
  }
  return { kind: 'objectives', objectives };
}

/** Whether any of them is about the tasks as they are now. */
export function areAboutQueue(objectives: readonly Objective[]): boolean {
  return objectives.some(({ name }) => INDICATORS[name]?.from === 'queue');
}

/**
 * Judges each objective. Where there is nothing to compute a figure from, an upper limit is kept, and a lower one is
 * not: a pool in which nobody claims loses no push, but does nothing either.
 */
export function judgeObjectives(objectives: readonly Objective[], measured: Measured): readonly ObjectiveResult[] {
  return objectives.map(({ text, name, operator, limit }) => {
    const value = INDICATORS[name]?.of(measured);
    const met = value === undefined ? operator.startsWith('<') : OPERATORS[operator](value, limit);
    return { objective: text, value: value ?? null, met };
  });
}

/** The value in words, as its limit is written. */
export function valueText({ name }: Pick<Objective, 'name'>, value: number | null): string {
  if (value === null) return 'unknown';
  switch (INDICATORS[name]?.unit) {
    case 'share':
      return `${Number((value * 100).toFixed(1))}%`;
    case 'duration':
      return value < 1000 ? `${Math.round(value)}ms` : `${Number((value / 1000).toFixed(1))}s`;
    case 'number':
    case undefined:
      return String(Number(value.toFixed(2)));
  }
}

/** @returns what is wrong with it, or the objective */
function parseObjective(text: string): Objective | string {
  const match = /^([a-z][a-z0-9-]{0,40})\s*(<=?|>=?)\s*([0-9a-z.%]{1,40})$/.exec(text);
  const [, name = '', operator = '', limit = ''] = match ?? [];
  if (match === null) return `${quote(text)} is not an objective: write it like conflict-rate<40% or stalled<1`;
  const indicator = Object.hasOwn(INDICATORS, name) ? INDICATORS[name] : undefined;
  if (indicator === undefined) {
    const meant = closest(name, INDICATOR_NAMES);
    return `there is no figure ${quote(name)}${meant === undefined ? `: there are ${INDICATOR_NAMES.join(', ')}` : `, did you mean ${meant}?`}`;
  }
  const value = limitOf(limit, indicator.unit);
  if (typeof value === 'string') return `the limit of ${quote(text)} is wrong: ${value}`;
  return { text, name, operator: operator as Operator, limit: value };
}

function limitOf(text: string, unit: Indicator['unit']): number | string {
  if (unit === 'duration') {
    const parsed = parseDuration(text);
    return parsed.kind === 'duration' ? parsed.ms : parsed.problem;
  }
  const [, digits, percent] = /^(\d{1,15}(?:\.\d{1,15})?)(%?)$/.exec(text) ?? [];
  if (digits === undefined) return unit === 'share' ? 'give a share, such as 40% or 0.4' : 'give a number';
  if (percent !== '' && unit !== 'share') return 'this figure is not a share: give a number';
  return percent === '%' ? Number(digits) / 100 : Number(digits);
}

function inWindow(
  name: 'claims' | 'completions' | 'releases' | 'failures' | 'stalls' | 'reviews' | 'attempts',
): Indicator {
  return { unit: 'number', from: 'window', of: ({ figures }) => figures[name] };
}

function inQueue(name: keyof TaskCounts): Indicator {
  return { unit: 'number', from: 'queue', of: ({ counts }) => counts?.[name] };
}
