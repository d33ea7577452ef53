import { approximateDuration } from '../../../domain/base/duration.ts';
import type { Rendering } from '../../output/rendering.ts';
import { type Column, formatTable } from '../../output/table.ts';
import type { ListedTask, ListResult } from './result.ts';

interface ListColumn extends Column {
  readonly cell: (task: ListedTask) => string;
  /** Leaves the column out where it says nothing of any task. */
  readonly rare?: true;
}

/** The most that each task waits for is named of; the rest is counted. */
const NAMED = 3;

const COLUMNS: readonly ListColumn[] = [
  { title: 'TASK', align: 'left', cell: (task) => `${task.project}/${task.task}` },
  { title: 'PRIORITY', align: 'right', cell: ({ priority }) => (priority === null ? '-' : String(priority)) },
  { title: 'TYPE', align: 'left', cell: ({ type }) => type ?? '-' },
  { title: 'STATUS', align: 'left', cell: ({ problem, state }) => problem ?? state },
  { title: 'OWNER', align: 'left', cell: ({ owner }) => owner ?? '-' },
  {
    title: 'HEARTBEAT',
    align: 'right',
    cell: ({ heartbeatAgeMs }) => (heartbeatAgeMs === null ? '-' : approximateDuration(heartbeatAgeMs)),
  },
  {
    title: 'WAITS FOR',
    align: 'left',
    rare: true,
    cell: ({ heldBackBy, waitingFor }) => heldBackBy ?? namesOf(waitingFor),
  },
  { title: 'WHY', align: 'left', rare: true, cell: ({ blockedReason }) => whyOf(blockedReason) },
  { title: 'TITLE', align: 'left', cell: ({ title }) => title ?? '-' },
];

/** They say nothing of a list in which nobody works on anything: the room is for what the tasks wait for. */
const OF_WORK: readonly string[] = ['OWNER', 'HEARTBEAT'];

/** A table with one line per task; nothing if there are none. */
export function render(result: ListResult, { columns: width, style }: Rendering): string {
  const { tasks } = result;
  if (tasks.length === 0) return '';
  const says = ({ cell }: ListColumn): boolean => tasks.some((task) => cell(task) !== '-');
  const waits = tasks.some(({ heldBackBy, waitingFor }) => heldBackBy !== null || waitingFor.length > 0);
  const columns = COLUMNS.filter(
    (column) => says(column) || !(column.rare === true || (waits && OF_WORK.includes(column.title))),
  );
  const rows = tasks.map((task) => columns.map(({ cell }) => cell(task)));
  const [head = '', ...lines] = formatTable(columns, rows, width);
  return `${[style.bold(head), ...lines].join('\n')}\n`;
}

/** Without the advice that agentq adds to its reasons: the list has many lines, and each would give the same. */
function whyOf(reason: string | null): string {
  return reason === null ? '-' : reason.replace(/ - free it with agentq unblock --task \S+$/, '');
}

function namesOf(ids: readonly string[]): string {
  if (ids.length === 0) return '-';
  const rest = ids.length - NAMED;
  return `${ids.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
