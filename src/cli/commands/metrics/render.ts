import { approximateDuration } from '../../../domain/base/duration.ts';
import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { type Column, fittingTable, formatTable } from '../../output/table.ts';
import type { FiguresView, MetricsResult } from './result.ts';

interface Count {
  readonly title: string;
  readonly of: (figures: FiguresView) => string;
  /** Leaves the column out where it says nothing. */
  readonly rare?: true;
}

/**
 * How claims were won matters less than what was done: on a narrow terminal, these columns are left out, in this order.
 */
const LESSER: readonly string[] = ['P99', 'P95', 'P50', 'ATTEMPTS', 'CONFLICTS', 'TO P95', 'TOKENS'];

const COUNTS: readonly Count[] = [
  { title: 'CLAIMS', of: ({ claims }) => String(claims) },
  { title: 'DONE', of: ({ completions }) => String(completions) },
  { title: 'REVIEW', of: ({ reviews }) => said(reviews), rare: true },
  { title: 'FAILED', of: ({ failures }) => said(failures), rare: true },
  { title: 'RELEASED', of: ({ releases }) => String(releases) },
  { title: 'STALLED', of: ({ stalls }) => String(stalls) },
  { title: 'ATTEMPTS', of: ({ attempts }) => String(attempts) },
  {
    title: 'CONFLICTS',
    of: ({ conflictRate }) => (conflictRate === null ? '-' : `${(conflictRate * 100).toFixed(1)}%`),
  },
  { title: 'P50', of: ({ latencyMs }) => duration(latencyMs?.p50) },
  { title: 'P95', of: ({ latencyMs }) => duration(latencyMs?.p95) },
  { title: 'P99', of: ({ latencyMs }) => duration(latencyMs?.p99) },
  { title: 'TASKS/H', of: ({ tasksPerHour }) => (tasksPerHour === null ? '-' : tasksPerHour.toFixed(1)) },
  { title: 'A TASK', of: ({ durationMs }) => long(durationMs?.p50), rare: true },
  { title: 'TO P95', of: ({ durationMs }) => long(durationMs?.p95), rare: true },
  { title: 'USD', of: ({ costUsd }) => (costUsd === null ? '-' : costUsd.toFixed(2)), rare: true },
  { title: 'TOKENS', of: ({ tokens }) => (tokens === null ? '-' : String(tokens)), rare: true },
];

/** The metrics as two tables, of projects and of agents, or in the format that was asked for. */
export function render(result: MetricsResult, { columns: width, style }: Rendering): string {
  if (result.presentation.text !== undefined) return result.presentation.text;
  const { branch, remote, from, to, projects, agents, all } = result;
  const head = `${branch} of ${remote ?? 'this repository'}, ${from ?? 'nothing'} to ${to}`;
  const named = (title: string, rows: readonly (readonly [string, FiguresView])[]): string => {
    const table = (gone: readonly string[]): string[] => {
      const shown = COUNTS.filter(
        ({ title, rare, of }) => !gone.includes(title) && (rare === undefined || of(all) !== '-'),
      );
      const columns: Column[] = [
        { title, align: 'left' },
        ...shown.map((count) => ({ title: count.title, align: 'right' as const })),
      ];
      const cells = rows.map(([name, figures]) => [name, ...shown.map(({ of }) => of(figures))]);
      return formatTable(columns, cells, undefined);
    };
    const [first = '', ...lines] = fittingTable(width, LESSER, table);
    return `${[style.bold(first), ...lines].join('\n')}\n`;
  };
  const byProject = projects.map((figures): [string, FiguresView] => [figures.project, figures]);
  const byAgent = agents.map((figures): [string, FiguresView] => [figures.agent, figures]);
  return [
    `${sanitizeLine(head)}\n`,
    named('PROJECT', projects.length === 1 ? byProject : [...byProject, ['all', all]]),
    ...(agents.length === 0 ? [] : [named('AGENT', byAgent)]),
  ].join('\n');
}

/** 5: an objective of --slo does not hold. */
export function exitCode({ objectives }: MetricsResult): number {
  return objectives.every(({ met }) => met) ? 0 : 5;
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`;
}

function said(count: number): string {
  return count === 0 ? '-' : String(count);
}

function long(ms: number | undefined): string {
  return ms === undefined ? '-' : approximateDuration(ms);
}
