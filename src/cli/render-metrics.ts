import type { FiguresView, MetricsResult } from './metrics-result.ts';
import { sanitizeLine } from './sanitize.ts';
import type { Style } from './style.ts';
import { type Column, formatTable } from './table.ts';

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

/** The metrics as tables, one of projects and one of agents. */
export function renderMetrics(
  result: MetricsResult,
  { columns: width, style }: { readonly columns: number | undefined; readonly style: Style },
): string {
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
