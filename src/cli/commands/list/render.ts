import { approximateDuration } from '../../../domain/base/duration.ts';
import { parseTime } from '../../../domain/leases/staleness.ts';
import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import type { Style } from '../../output/style.ts';
import { type Column, cutToWidth, displayWidth, fittingTable, formatTable, paintCell } from '../../output/table.ts';
import type { ListedTask, ListPresentation, ListResult } from './result.ts';

interface ListColumn extends Column {
  readonly cell: (task: ListedTask, shown: ListPresentation) => string;
  /** Leaves the column out if it says nothing about any task. */
  readonly rare?: true;
}

/** At most this many of the tasks that a task waits for are named; the rest is counted. */
const NAMED = 3;

const COLUMNS: readonly ListColumn[] = [
  { title: 'TASK', align: 'left', cell: (task) => `${task.project}/${task.task}` },
  { title: 'PRIORITY', align: 'right', cell: ({ priority }) => (priority === null ? '-' : String(priority)) },
  { title: 'TYPE', align: 'left', cell: ({ type }) => type ?? '-' },
  { title: 'STATUS', align: 'left', cell: statusOf },
  { title: 'OWNER', align: 'left', cell: ({ owner }) => owner ?? '-' },
  { title: 'SINCE', align: 'right', rare: true, cell: (task, { now }) => claimedAgo(task, now) },
  {
    title: 'HEARTBEAT',
    align: 'right',
    cell: ({ heartbeatAgeMs }) => (heartbeatAgeMs === null ? '-' : approximateDuration(heartbeatAgeMs)),
  },
  {
    title: 'MACHINE',
    align: 'left',
    rare: true,
    cell: ({ state, owner }, { machines }) => (state === 'claimed' && machines.get(owner ?? '')) || '-',
  },
  {
    title: 'WAITS FOR',
    align: 'left',
    rare: true,
    cell: ({ heldBackBy, waitingFor }) => heldBackBy ?? namesOf(waitingFor),
  },
  { title: 'WHY', align: 'left', rare: true, cell: whyOf },
  { title: 'TITLE', align: 'left', cell: ({ title }) => title ?? '-' },
];

/** They say nothing in a list in which nobody works on anything; the room is for what the tasks wait for. */
const OF_WORK: readonly string[] = ['OWNER', 'HEARTBEAT'];

/** On a narrow terminal, these columns are left out, in this order. */
const LESSER: readonly string[] = ['TYPE', 'MACHINE', 'SINCE', 'PRIORITY', 'HEARTBEAT', 'WHY', 'OWNER', 'WAITS FOR'];

/** A title is cut to this many columns before any other column goes. */
const SHORTEST_TITLE = 24;

/** A table with one line per task; nothing if there are none. */
export function render(result: ListResult, { columns: width, style }: Rendering): string {
  const { tasks, presentation } = result;
  if (tasks.length === 0) return '';
  const says = ({ cell }: ListColumn): boolean => tasks.some((task) => cell(task, presentation) !== '-');
  const waits = tasks.some(({ heldBackBy, waitingFor }) => heldBackBy !== null || waitingFor.length > 0);
  const columns = COLUMNS.filter(
    (column) => says(column) || !(column.rare === true || (waits && OF_WORK.includes(column.title))),
  );
  const cells = tasks.map((task) => columns.map(({ cell }) => cell(task, presentation)));
  const table = (gone: readonly string[]): string[] => {
    const kept = columns.flatMap(({ title }, index) => (gone.includes(title) ? [] : index));
    const rows = cells.map((row) => kept.map((index) => row[index] ?? ''));
    return withShortTitles(
      kept.flatMap((index) => columns[index] ?? []),
      rows,
      width,
    );
  };
  const [head = '', ...lines] = fittingTable(width, LESSER, table);
  const at = head.indexOf('STATUS');
  const painted = lines.map((line, index) => {
    const task = tasks[index];
    return task === undefined ? line : colour(line, at, task, presentation, style);
  });
  return `${[style.bold(head), ...painted].join('\n')}\n`;
}

/** The lines of a table with the titles in its last column, cut to the width, but not below their least length. */
function withShortTitles(columns: readonly Column[], rows: readonly string[][], width: number | undefined): string[] {
  if (width === undefined) return formatTable(columns, rows, undefined);
  const others = formatTable(
    [...columns.slice(0, -1), { title: '', align: 'left' }],
    rows.map((row) => [...row.slice(0, -1), '.']),
    undefined,
  );
  const room = Math.max(SHORTEST_TITLE, width - displayWidth(others[1] ?? '') + 1);
  return formatTable(
    columns,
    rows.map((row) => [...row.slice(0, -1), cutToWidth(sanitizeLine(row.at(-1) ?? ''), room)]),
    undefined,
  );
}

/** Lines of tasks that are over are dim; in all others, the state has a colour. */
function colour(line: string, at: number, task: ListedTask, { stalled }: ListPresentation, style: Style): string {
  const paint = (by: (text: string) => string): string => paintCell(line, at, statusOf(task), by);
  if (task.problem !== null || stalled.has(`${task.project}/${task.task}`)) return paint(style.red);
  switch (task.state) {
    case 'completed':
    case 'cancelled':
      return style.dim(line);
    case 'ready':
      return paint(style.green);
    case 'claimed':
    case 'review':
      return paint(style.cyan);
    case 'asking':
      return paint(style.yellow);
    case 'blocked':
      return paint(style.red);
    case 'waiting':
      return line;
  }
}

function statusOf({ problem, state }: ListedTask): string {
  return problem ?? state;
}

/** How long ago it was claimed. Agents invent such times, and one in the future says nothing. */
function claimedAgo({ state, claim }: ListedTask, now: number): string {
  const isHeld = state === 'claimed' || state === 'review';
  const at = isHeld ? parseTime(claim?.claimedAt ?? undefined) : undefined;
  return at === undefined || at > now ? '-' : approximateDuration(now - at);
}

/** Without the advice that agentq adds to its reasons: the list has many lines, and each would give the same. */
function whyOf({ project, task, blockedReason: reason }: ListedTask, { why }: ListPresentation): string {
  const said = why.get(`${project}/${task}`);
  if (said !== undefined) return said;
  return reason === null ? '-' : reason.replace(/ - free it with agentq unblock --task \S+$/, '');
}

function namesOf(ids: readonly string[]): string {
  if (ids.length === 0) return '-';
  const rest = ids.length - NAMED;
  return `${ids.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
