import type { SimulateResult, SimulationRun } from '../../../../lab/simulation/simulation.ts';
import { approximateDuration } from '../../../domain/base/duration.ts';
import { EXIT_CODES } from '../../output/exit-codes.ts';
import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import type { Style } from '../../output/style.ts';
import { type Column, formatTable } from '../../output/table.ts';
import { toCsv } from './csv.ts';

/** Most violations shown per run: a queue that loses tasks loses many. */
const SHOWN = 10;

/** A table with one column per run and one line per figure, or comma-separated values. */
export function render(result: SimulateResult, { style }: Rendering): string {
  if (result.presentation === 'csv') return toCsv(result.runs);
  const columns: Column[] = [
    { title: '', align: 'left' },
    ...result.runs.map(({ algorithm }) => ({ title: algorithm.toUpperCase(), align: 'right' as const })),
  ];
  const rows = FIGURES.filter(({ isShown }) => isShown?.(result.runs) ?? true).map(({ title, of }) => [
    title,
    ...result.runs.map(of),
  ]);
  const [head = '', ...lines] = formatTable(columns, rows, undefined);
  return `${[style.bold(head), ...lines, '', ...verdicts(result, style)].join('\n')}\n`;
}

interface Figure {
  readonly title: string;
  readonly of: (run: SimulationRun) => string;
  /** Absent: always shown. */
  readonly isShown?: (runs: readonly SimulationRun[]) => boolean;
}

const FIGURES: readonly Figure[] = [
  { title: 'figures are', of: ({ source }) => source },
  { title: 'agents x tasks', of: ({ agents, tasks }) => `${agents} x ${tasks}` },
  { title: 'machines', of: ({ machines }) => String(machines) },
  { title: 'latency', of: ({ latencyMs }) => `${latencyMs} ms` },
  { title: 'claims', of: ({ claims }) => String(claims) },
  {
    title: 'completions',
    of: ({ completions }) => String(completions),
    isShown: (runs) => runs.some(({ workMs }) => workMs !== null),
  },
  { title: 'found nothing', of: ({ nothingToClaim }) => String(nothingToClaim) },
  { title: 'gave up', of: ({ gaveUp }) => String(gaveUp) },
  {
    title: 'killed',
    of: ({ killed }) => String(killed),
    isShown: (runs) => runs.some(({ crashed }) => crashed > 0),
  },
  { title: 'winners per task', of: ({ winnersPerTask }) => String(winnersPerTask) },
  { title: 'conflict rate', of: ({ conflictRate }) => percent(conflictRate) },
  { title: 'pushes', of: ({ pushes }) => String(pushes) },
  { title: 'pushes per claim', of: ({ pushesPerClaim }) => pushesPerClaim.toFixed(2) },
  { title: 'rejected pushes per claim', of: ({ rejectedPushesPerClaim }) => rejectedPushesPerClaim.toFixed(2) },
  {
    title: 'pushes that moved the branch',
    of: ({ branchMoves }) => (branchMoves === null ? '-' : String(branchMoves)),
  },
  { title: 'claim p50', of: ({ claimMs }) => seconds(claimMs.p50) },
  { title: 'claim p95', of: ({ claimMs }) => seconds(claimMs.p95) },
  { title: 'claim p99', of: ({ claimMs }) => seconds(claimMs.p99) },
  { title: 'tasks per second', of: ({ tasksPerSecond }) => tasksPerSecond.toFixed(1) },
  { title: 'wall', of: ({ wallMs }) => seconds(wallMs) },
];

function verdicts({ runs, notes }: SimulateResult, style: Style): string[] {
  const lines: string[] = [];
  for (const { algorithm, agents, source, commits, violations } of runs) {
    const name = runs.length === 1 ? '' : `${algorithm}, ${agents} agents, ${source}: `;
    if (violations.length === 0) {
      lines.push(
        `${name}every task was in exactly one folder in each of ${commits} commits, and no claim was given to two agents`,
      );
      continue;
    }
    lines.push(style.red(`${name}${violations.length} guarantees did not hold`));
    lines.push(...violations.slice(0, SHOWN).map((violation) => `  ${sanitizeLine(violation)}`));
  }
  return [...lines, ...notes];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function seconds(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 100_000 ? `${(ms / 1000).toFixed(2)} s` : approximateDuration(ms);
}

/** A guarantee that did not hold is a defect of agentq. */
export function exitCode({ held }: SimulateResult): number {
  return held ? 0 : EXIT_CODES.internal;
}
