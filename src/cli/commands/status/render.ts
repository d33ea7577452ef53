import { given } from '../../../domain/base/given.ts';
import { describePause } from '../../../domain/pausing/pauses.ts';
import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { type Column, cutToWidth, displayWidth, formatTable } from '../../output/table.ts';
import type { EventView, ProjectView, Shown, StatusResult } from './result.ts';

const BAR_WIDTH = 20;
const SHORTEST_BAR = 4;
const SHORTEST_NAME = 8;

/** Most names of tasks that an event shows. */
const NAMES_SHOWN = 3;

/** A column of the table of projects. */
interface Count {
  readonly title: string;
  readonly of: (counts: CountsView) => number;
  /** Leaves the column out if it is zero for all projects: most queues have no such tasks. */
  readonly rare?: true;
}

type CountsView = Omit<ProjectView, 'project' | 'batches'>;

const COUNTS: readonly Count[] = [
  { title: 'READY', of: ({ ready }) => ready },
  { title: 'WAITING', of: ({ waiting, due }) => waiting + due },
  { title: 'HELD', of: ({ held }) => held, rare: true },
  { title: 'ASKING', of: ({ asking }) => asking, rare: true },
  { title: 'BLOCKED', of: ({ blocked }) => blocked },
  { title: 'CANCELLED', of: ({ cancelled }) => cancelled, rare: true },
  { title: 'IN PROGRESS', of: ({ inProgress }) => inProgress },
  { title: 'REVIEW', of: ({ review }) => review, rare: true },
  { title: 'STALLED', of: ({ stalled }) => stalled },
  { title: 'UNREADABLE', of: ({ unreadable }) => unreadable, rare: true },
  { title: 'IN TWO STATES', of: ({ conflicting }) => conflicting, rare: true },
];

/** The document of `--json`; undefined if there was one for each change. */
export function toDocument(result: StatusResult | Shown): object | undefined {
  return isShown(result) ? undefined : result;
}

/** The dashboard as text. */
export function render(result: StatusResult | Shown, page: Rendering): string {
  if (isShown(result)) return '';
  if (result.presentation !== undefined) return result.presentation.text;
  const place = result.remote === null ? 'this repository' : result.remote;
  const head = sanitizeLine(`${result.branch} of ${place} at ${result.tip.slice(0, 10)}, ${result.time}`);
  const sections = [
    [...result.paused.map(pauseLine), head],
    projects(result, page),
    batches(result, page),
    limits(result, page),
    inTheWay(result, page),
    recent(result, page),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function isShown(result: StatusResult | Shown): result is Shown {
  return result.presentation === 'shown';
}

function pauseLine({ project, ...pause }: StatusResult['paused'][number]): string {
  return sanitizeLine(`PAUSED: ${describePause({ ...given({ project: project ?? undefined }), ...pause })}`);
}

function projects({ projects: list, all }: StatusResult, page: Rendering): string[] {
  if (list.length === 0) return ['no projects'];
  const shown = COUNTS.filter((count) => count.rare === undefined || count.of(all) > 0);
  const columns: Column[] = [
    { title: 'PROJECT', align: 'left' },
    { title: 'PROGRESS', align: 'left' },
    { title: 'DONE', align: 'right' },
    { title: '%', align: 'right' },
    ...shown.map(({ title }) => ({ title, align: 'right' as const })),
  ];
  // On a narrow terminal the bar goes first, then the ends of long names: what is counted is what matters.
  const lines = (bar: number, nameWidth: number): string[] => {
    const row = (name: string, counts: CountsView): string[] => [
      cutToWidth(sanitizeLine(name), nameWidth),
      ...progress({ ...counts, total: counts.total - counts.cancelled }, bar),
      ...shown.map((count) => String(count.of(counts))),
    ];
    const rows = list.map((counts) => row(counts.project, counts));
    const whole = list.length === 1 ? rows : [...rows, row('all', all)];
    return table(columns, whole, { ...page, columns: undefined });
  };
  const width = page.columns ?? Number.POSITIVE_INFINITY;
  const excess = (some: readonly string[]): number => Math.max(...some.map(displayWidth)) - width;
  const full = lines(BAR_WIDTH, Number.POSITIVE_INFINITY);
  if (excess(full) <= 0) return full;
  const bar = Math.max(SHORTEST_BAR, BAR_WIDTH - excess(full));
  const narrow = lines(bar, Number.POSITIVE_INFINITY);
  if (excess(narrow) <= 0) return narrow;
  const longest = Math.max(...list.map(({ project }) => displayWidth(project)));
  return lines(bar, Math.max(SHORTEST_NAME, longest - excess(narrow)));
}

function batches({ projects: list }: StatusResult, page: Rendering): string[] {
  const columns: Column[] = [
    { title: 'BATCH', align: 'left' },
    { title: 'PROGRESS', align: 'left' },
    { title: 'DONE', align: 'right' },
    { title: '%', align: 'right' },
    { title: 'HOLDS BACK', align: 'left' },
  ];
  const rows = list.flatMap(({ project, batches: inProject }) =>
    inProject.map((batch) => [
      `${project}/${batch.batch}`,
      ...progress(batch),
      batch.holds
        .map(({ tasks, percent, needed }) => `${counted(tasks)} until ${percent}% (${needed} of ${batch.total})`)
        .join(', ') || '-',
    ]),
  );
  return rows.length === 0 ? [] : table(columns, rows, page);
}

function limits({ limits: list }: StatusResult, page: Rendering): string[] {
  const columns: Column[] = [
    { title: 'LIMIT', align: 'left' },
    { title: 'CLAIMED', align: 'right' },
    { title: 'HOLDS BACK', align: 'left' },
  ];
  const rows = list.map(({ limit, claimed, most, holdsBack }) => {
    return [limit, `${claimed}/${most}`, holdsBack === 0 ? '-' : counted(holdsBack)];
  });
  return rows.length === 0 ? [] : table(columns, rows, page);
}

function inTheWay({ inTheWay: list }: StatusResult, page: Rendering): string[] {
  const columns: Column[] = [
    { title: 'IN THE WAY', align: 'left' },
    { title: 'TOUCHES', align: 'left' },
    { title: 'HOLDS BACK', align: 'left' },
  ];
  const rows = list.map(({ task, glob, holdsBack }) => [task, glob, counted(holdsBack)]);
  return rows.length === 0 ? [] : table(columns, rows, page);
}

function recent({ recent: events }: StatusResult, page: Rendering): string[] {
  const columns: Column[] = [
    { title: 'RECENT', align: 'left' },
    { title: 'EVENT', align: 'left' },
    { title: 'BY', align: 'left' },
    { title: 'TASKS', align: 'left' },
  ];
  const rows = events.map((event) => [event.time, event.event, event.agent, namesOf(event)]);
  return rows.length === 0 ? [] : table(columns, rows, page);
}

function namesOf({ tasks, count }: EventView): string {
  if (tasks.length === 0) return count === 0 ? '-' : counted(count);
  const rest = Math.max(count, tasks.length) - NAMES_SHOWN;
  return `${tasks.slice(0, NAMES_SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function progress(
  { completed, total, percent }: Pick<CountsView, 'completed' | 'total' | 'percent'>,
  width = BAR_WIDTH,
): string[] {
  // Rounded down, like the percent: a bar is full only when all is done.
  const filled = total === 0 ? 0 : Math.floor((completed * width) / total);
  return [`[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`, `${completed}/${total}`, `${percent}%`];
}

function counted(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}

function table(columns: readonly Column[], rows: readonly string[][], { columns: width, style }: Rendering): string[] {
  const [head = '', ...lines] = formatTable(columns, rows, width);
  return [style.bold(head), ...lines];
}
