import { approximateDuration } from '../domain/duration.ts';
import type { Failure } from '../domain/failure.ts';
import { renderFindings } from './render-findings.ts';
import { renderMetrics } from './render-metrics.ts';
import { renderSimulation } from './render-simulation.ts';
import { renderStatus } from './render-status.ts';
import type { ListResult, Result, ShowResult } from './results.ts';
import { sanitizeJson, sanitizeLine, sanitizeText } from './sanitize.ts';
import type { Style } from './style.ts';
import { type Column, formatTable } from './table.ts';

/** How stdout wants its answer. */
export interface Rendering {
  readonly answer: 'text' | 'json';
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly style: Style;
}

/** The answer as it goes to stdout; the only place that turns results into text. */
export function renderResult(result: Result, rendering: Rendering): string | Uint8Array {
  if (result.kind === 'watch') return '';
  if (rendering.answer === 'json') return renderJson(documentOf(result), rendering);
  switch (result.kind) {
    case 'claim':
    case 'heartbeat':
    case 'release':
      return taskLines([result]);
    case 'complete':
      return taskLines([result, ...result.unblocked]);
    case 'unblock':
    case 'release-stalled':
    case 'add':
      return taskLines(result.tasks);
    case 'work':
    case 'demo':
      // Told while it happened.
      return '';
    case 'show':
      return renderShow(result, rendering);
    case 'simulate':
      return renderSimulation(result, rendering.style);
    case 'status':
      return renderStatus(result, rendering);
    case 'list':
      return renderList(result, rendering);
    case 'init':
      return [...result.created, ...result.overwritten].map((path) => `${sanitizeLine(path)}\n`).join('');
    case 'metrics':
      return result.presentation.text ?? renderMetrics(result, rendering);
    case 'validate':
      return renderFindings(result, rendering.style);
  }
}

/** A line a task, as scripts read it. */
function taskLines(tasks: readonly { readonly project: string; readonly task: string }[]): string {
  return tasks.map(({ project, task }) => `${sanitizeLine(`${project}/${task}`)}\n`).join('');
}

/** The one JSON document that stands on stdout when a command failed. */
export function renderFailure(failure: Failure, rendering: Rendering): string {
  const { code, message, hint, details } = failure;
  const error = { code, message, ...(hint === undefined ? {} : { hint }), ...details };
  return renderJson({ error: { ...error, code, message } }, rendering);
}

function renderJson(document: unknown, rendering: Rendering): string {
  return `${sanitizeJson(JSON.stringify(document, undefined, rendering.isTerminal ? 2 : undefined))}\n`;
}

function documentOf(result: Result): object {
  switch (result.kind) {
    case 'show': {
      const { kind: _, bytes: __, model, ...facts } = result;
      return { ...facts, ...model };
    }
    case 'simulate':
    case 'metrics':
    case 'validate': {
      const { kind: _, presentation: __, ...document } = result;
      return document;
    }
    default: {
      const { kind: _, ...document } = result;
      return document;
    }
  }
}

/** The file as it is: `agentq show > file` is a copy of it. Only a terminal must be protected from what may be in it. */
function renderShow(result: ShowResult, rendering: Rendering): string | Uint8Array {
  return rendering.isTerminal ? sanitizeText(new TextDecoder().decode(result.bytes)) : result.bytes;
}

const LIST_COLUMNS: readonly Column[] = [
  { title: 'TASK', align: 'left' },
  { title: 'PRIORITY', align: 'right' },
  { title: 'TYPE', align: 'left' },
  { title: 'STATUS', align: 'left' },
  { title: 'OWNER', align: 'left' },
  { title: 'HEARTBEAT', align: 'right' },
  { title: 'TITLE', align: 'left' },
];

function renderList(result: ListResult, { columns, style }: Rendering): string {
  if (result.tasks.length === 0) return '';
  const rows = result.tasks.map((task) => [
    `${task.project}/${task.task}`,
    task.priority === null ? '-' : String(task.priority),
    task.type ?? '-',
    task.status,
    task.owner ?? '-',
    task.heartbeatAgeMs === null ? '-' : approximateDuration(task.heartbeatAgeMs),
    task.title ?? '-',
  ]);
  const [head = '', ...lines] = formatTable(LIST_COLUMNS, rows, columns);
  return `${[style.bold(head), ...lines].join('\n')}\n`;
}
