import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { type Column, formatTable } from '../../output/table.ts';
import type { FiguresView, MetricsResult } from './result.ts';

const COUNTS: readonly (readonly [title: string, of: (figures: FiguresView) => string])[] = [
  ['CLAIMS', ({ claims }) => String(claims)],
  ['DONE', ({ completions }) => String(completions)],
  ['RELEASED', ({ releases }) => String(releases)],
  ['STALLED', ({ stalls }) => String(stalls)],
  ['ATTEMPTS', ({ attempts }) => String(attempts)],
  ['CONFLICTS', ({ conflictRate }) => (conflictRate === null ? '-' : `${(conflictRate * 100).toFixed(1)}%`)],
  ['P50', ({ latencyMs }) => duration(latencyMs?.p50)],
  ['P95', ({ latencyMs }) => duration(latencyMs?.p95)],
  ['P99', ({ latencyMs }) => duration(latencyMs?.p99)],
  ['TASKS/H', ({ tasksPerHour }) => (tasksPerHour === null ? '-' : tasksPerHour.toFixed(1))],
];

/** The metrics as two tables, of projects and of agents, or in the format that was asked for. */
export function render(result: MetricsResult, { columns: width, style }: Rendering): string {
  if (result.presentation.text !== undefined) return result.presentation.text;
  const { branch, remote, from, to, projects, agents, all } = result;
  const head = `${branch} of ${remote ?? 'this repository'}, ${from ?? 'nothing'} to ${to}`;
  const named = (title: string, rows: readonly (readonly [string, FiguresView])[]): string => {
    const columns: Column[] = [
      { title, align: 'left' },
      ...COUNTS.map(([count]) => ({ title: count, align: 'right' as const })),
    ];
    const cells = rows.map(([name, figures]) => [name, ...COUNTS.map(([, of]) => of(figures))]);
    const [first = '', ...lines] = formatTable(columns, cells, width);
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

function duration(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`;
}
