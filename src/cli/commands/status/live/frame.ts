import { approximateDuration } from '../../../../domain/base/duration.ts';
import { percentOf, type TaskCounts } from '../../../../domain/figures/queue-stats.ts';
import { saidWith } from '../../../../domain/past/event-view.ts';
import { sanitizeLine } from '../../../output/sanitize.ts';
import type { Style } from '../../../output/style.ts';
import { cutToWidth, displayWidth } from '../../../output/table.ts';
import { countsText } from './counts-text.ts';
import type { AgentRow, Picture, TaskRow } from './picture.ts';
import { type ScreenState, selectedOf } from './screen-state.ts';

/** What surrounds the picture. */
export interface Surroundings {
  /** `develop of origin` */
  readonly place: string;
  /** ms since the epoch, of this moment */
  readonly now: number;
  /** Something the user should know, such as a remote that does not answer. */
  readonly notice: string | undefined;
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

/** What is drawn, and which tasks of it can be chosen, from top to bottom. */
export interface Frame {
  readonly lines: readonly string[];
  readonly tasks: readonly string[];
}

interface Line {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
  /** The task that Enter opens. */
  readonly task?: string | undefined;
}

/** A part of the board. On a terminal with few rows, those with the highest rank are left out first. */
interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Most lines of it, unless there is room for more. */
  readonly most: number;
  readonly rank: number;
}

const KEYS = 'q quit   arrows select   enter open   / search   p project';
const KEYS_OPEN = 'q quit   arrows scroll   esc back';

/** Draws the board: pure, so that a test needs no terminal. Every line fits the width, and all of them the height. */
export function frameOf(picture: Picture, state: ScreenState, around: Surroundings): Frame {
  const { rows, columns, style } = around;
  const head = [...headOf(picture, state, around)];
  const foot: Line[] = [{ text: footOf(state), paint: style.dim }];
  if (around.notice !== undefined) foot.unshift({ text: around.notice, paint: style.yellow });
  const body = fitted(sectionsOf(picture, state, around), Math.max(0, rows - head.length - foot.length), style);
  const tasks = body.flatMap(({ task }) => task ?? []);
  const selected = selectedOf(state, { tasks });
  let isMarked = false;
  const shown = body.map((line) => {
    const isChosen = line.task !== undefined && line.task === selected && !isMarked;
    isMarked ||= isChosen;
    return isChosen ? { ...line, text: line.text.replace(/^ {2}/, '> '), paint: style.bold } : line;
  });
  const filler = Array.from({ length: Math.max(0, rows - head.length - shown.length - foot.length) }, () => ({
    text: '',
  }));
  const lines = [...head, ...shown, ...filler, ...foot].slice(0, rows);
  return { lines: lines.map((line) => printed(line, columns)), tasks };
}

/** Draws a task with its text and its log, from the line `top` on. */
export function taskFrame(lines: readonly string[], state: ScreenState, around: Surroundings): readonly string[] {
  const { rows, columns, style } = around;
  const room = Math.max(0, rows - 2);
  const seen = lines.slice(state.top, state.top + room);
  const more = lines.length - state.top - seen.length;
  const head: Line = { text: state.open ?? '', paint: style.bold };
  const foot: Line = { text: more > 0 ? `${KEYS_OPEN}   (${more} more lines)` : KEYS_OPEN, paint: style.dim };
  const filler = Array.from({ length: room - seen.length }, (): Line => ({ text: '' }));
  const all = [head, ...seen.map((text): Line => ({ text })), ...filler, foot];
  return all.slice(0, rows).map((line) => printed(line, columns));
}

function printed({ text, paint }: Line, columns: number): string {
  const line = cutToWidth(sanitizeLine(text), columns);
  return paint === undefined ? line : paint(line);
}

function* headOf(picture: Picture, { project }: ScreenState, { place, now, style }: Surroundings): Generator<Line> {
  const { all } = picture.stats;
  const open = all.total - all.cancelled;
  const percent = percentOf({ completed: all.completed, total: open });
  const of = project === undefined ? '' : ` | ${project}`;
  yield { text: `${place}${of}  ${timeOfDay(now)}  ${all.completed}/${open} done (${percent}%)`, paint: style.bold };
  const rate = picture.perHour === undefined ? '-' : picture.perHour.toFixed(1);
  const left =
    picture.leftMs === undefined
      ? ''
      : picture.leftMs === 0
        ? ', all done'
        : `, about ${approximateDuration(picture.leftMs)} to go`;
  const since = picture.began === undefined ? 'in the last two hours' : `since ${timeOfDay(picture.began)}`;
  const spark = sparkline(picture.done);
  const paint = (text: string): string =>
    style.green(text.slice(0, spark.length)) + style.dim(text.slice(spark.length));
  yield { text: `${spark}  ${rate} tasks/h ${since}${left}`, paint };
}

function timeOfDay(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`;
}

function footOf({ isTyping, search }: ScreenState): string {
  if (isTyping) return `/${search ?? ''}_   enter: look   esc: end`;
  return search === undefined ? KEYS : `/${search}   esc: all tasks   ${KEYS}`;
}

function sectionsOf(picture: Picture, state: ScreenState, around: Surroundings): readonly Section[] {
  const { stats, asking, agents, tasks, events } = picture;
  const { now, style } = around;
  const stalled = agents.filter(({ isStalled }) => isStalled);
  const question = ({ name, about }: TaskRow): Line => ({
    text: `  ${name}  ${about}`,
    paint: style.yellow,
    task: name,
  });
  const agent = (one: AgentRow): Line => ({ ...agentLine(one, agents, now), paint: agentPaint(one, style) });
  const words = (state.search ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = tasks.filter((row) => {
    const text = `${row.name} ${row.title} ${row.about}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  // Whoever looks for a task chooses among those that were found.
  const choosable = (line: Line): Line => (state.search === undefined ? line : { ...line, task: undefined });
  const wide = widthOf(found.slice(0, 100).map(({ name }) => name));
  const task = (row: TaskRow): Line => ({
    text: `  ${padded(row.name, wide)}  ${padded(row.state, 7)}  ${row.title}${row.about === '' ? '' : `  (${row.about})`}`,
    paint: taskPaint(row, style),
    task: row.name,
  });
  return [
    {
      title: 'PAUSED',
      lines: picture.paused.map((text) => ({ text: `  ${text}`, paint: style.yellow })),
      most: 4,
      rank: 1,
    },
    { title: 'ASKING', lines: asking.map(question).map(choosable), most: 4, rank: 1 },
    { title: 'STALLED', lines: stalled.map(agent).map(choosable), most: 4, rank: 2 },
    { title: 'PROJECTS', lines: projectLines(stats.projects, around), most: 8, rank: 3 },
    {
      title: 'AGENTS',
      lines: agents
        .filter(({ isStalled }) => !isStalled)
        .map(agent)
        .map(choosable),
      most: 8,
      rank: 4,
    },
    {
      title: state.search === undefined ? 'NEXT' : `FOUND ${found.length}`,
      // Those that ask are above.
      lines: found.filter((row) => state.search !== undefined || row.state !== 'asking').map(task),
      most: state.search === undefined ? 6 : 1000,
      rank: state.search === undefined ? 6 : 0,
    },
    { title: 'EVENTS', lines: events.map((event) => ({ text: `  ${eventText(event, now)}` })), most: 6, rank: 5 },
  ];
}

/** Chooses what fits: each section up to its `most`, without the least important ones; then more of the longer ones. */
function fitted(sections: readonly Section[], room: number, style: Style): readonly Line[] {
  const heights = new Map(sections.map((one) => [one, Math.min(one.lines.length, one.most)]));
  const heightOf = (one: Section): number => heights.get(one) ?? 0;
  const taken = (): number => sections.reduce((sum, one) => sum + (heightOf(one) > 0 ? heightOf(one) + 1 : 0), 0);
  const byRank = [...sections].sort((a, b) => b.rank - a.rank);
  for (const one of byRank) {
    const excess = taken() - room;
    if (excess <= 0) break;
    const left = heightOf(one) - excess;
    // A title alone says nothing.
    heights.set(one, left >= 1 ? left : 0);
  }
  for (const one of [...byRank].reverse()) {
    if (heightOf(one) > 0) heights.set(one, Math.min(one.lines.length, heightOf(one) + Math.max(0, room - taken())));
  }
  return sections.flatMap((one): readonly Line[] => {
    const height = heightOf(one);
    if (height === 0) return [];
    const hidden = one.lines.length - height;
    const title = hidden > 0 ? `${one.title} (${hidden} more)` : one.title;
    return [{ text: title, paint: style.bold }, ...one.lines.slice(0, height)];
  });
}

function projectLines(projects: Picture['stats']['projects'], { columns, style }: Surroundings): readonly Line[] {
  const own = Math.min(widthOf(projects.map(({ project }) => project)), 24);
  const all = widthOf(projects.flatMap(({ batches }) => batches.map(({ batch }) => `  ${batch}`)));
  // Names of batches get a third of the line at most, for the rest of it is about the projects.
  const wide = Math.max(own, Math.min(all, Math.floor(columns / 3), 32));
  const bar = columns >= 100 ? 30 : columns >= 60 ? 16 : 0;
  const paint = (text: string): string => text.replace(/█+/, style.green).replace(/░+/, style.dim);
  return projects.flatMap(({ project, batches, ...counts }): Line[] => [
    { text: `  ${padded(project, wide)}  ${progress(counts, bar)}  ${countsText(counts)}`, paint },
    ...batches.map(({ batch, completed, total }) => ({
      text: `    ${padded(batch, wide - 2)}  ${progress({ completed, total, cancelled: 0 }, bar)}`,
      paint,
    })),
  ]);
}

function progress(
  { completed, total, cancelled }: Pick<TaskCounts, 'completed' | 'total' | 'cancelled'>,
  width: number,
): string {
  const of = total - cancelled;
  const filled = of === 0 ? 0 : Math.floor((completed * width) / of);
  const bar = width === 0 ? '' : `${'█'.repeat(filled)}${'░'.repeat(width - filled)} `;
  return `${bar}${completed}/${of}`;
}

function agentLine({ agent, state, task, title, since }: AgentRow, all: readonly AgentRow[], now: number): Line {
  const wide = Math.min(widthOf(all.map((one) => one.agent)), 24);
  const time = since === undefined ? '' : approximateDuration(Math.max(0, now - since));
  const doing = task === undefined ? '' : `${task}  ${title}`;
  return { text: `  ${padded(agent, wide)}  ${padded(state, 7)}  ${padded(time, 7)}  ${doing}`, task };
}

function agentPaint({ state, isStalled }: AgentRow, style: Style): ((text: string) => string) | undefined {
  if (isStalled) return style.red;
  if (state === 'silent') return style.yellow;
  return state === 'working' ? undefined : style.dim;
}

function taskPaint({ state }: TaskRow, style: Style): ((text: string) => string) | undefined {
  if (state === 'ready') return style.green;
  if (state === 'asking') return style.yellow;
  return state === 'blocked' ? style.red : undefined;
}

function eventText(event: Picture['events'][number], now: number): string {
  const ago = approximateDuration(Math.max(0, now - Date.parse(event.time)));
  const why = saidWith(event) ?? event.prUrl;
  const what = `${event.project ?? '?'}/${event.task ?? '?'}`;
  const said = [event.title ?? '', why === undefined ? '' : `(${why})`].filter((part) => part !== '').join('  ');
  return `${padded(ago, 6)}  ${padded(event.event.replace('task.', ''), 9)}  ${what}  ${event.agent}  ${said}`.trimEnd();
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One character for each count, as high as it is compared with the highest. */
export function sparkline(counts: readonly number[]): string {
  const highest = Math.max(1, ...counts);
  return counts
    .map((count) => (count === 0 ? ' ' : (BARS[Math.ceil((count / highest) * BARS.length) - 1] ?? '')))
    .join('');
}

function padded(text: string, width: number): string {
  const shown = cutToWidth(sanitizeLine(text), Math.max(1, width));
  return shown + ' '.repeat(Math.max(0, width - displayWidth(shown)));
}

function widthOf(texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, displayWidth(text)), 0);
}
