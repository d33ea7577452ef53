import type { EventView } from '../../../domain/past/event-view.ts';
import type { Rendering } from '../../output/rendering.ts';
import { type Column, formatTable } from '../../output/table.ts';
import type { LogResult } from './result.ts';

const COLUMNS: readonly Column[] = ['TIME', 'EVENT', 'TASK', 'BY', 'WHY'].map((title) => ({ title, align: 'left' }));

/** A table with one line for each event, newest last; nothing if nothing is known. */
export function render({ events }: LogResult, { columns, style }: Rendering): string {
  if (events.length === 0) return '';
  const rows = events.map((event) => [
    event.time,
    event.event.replace(/^(?:task|queue)\./, ''),
    nameOf(event),
    event.agent,
    whyOf(event),
  ]);
  const [head = '', ...lines] = formatTable(COLUMNS, rows, columns);
  return `${[style.bold(head), ...lines].join('\n')}\n`;
}

function nameOf({ event, project, task }: EventView): string {
  if (event === 'queue.paused' || event === 'queue.resumed') return project ?? 'the queue';
  return `${project ?? '?'}/${task ?? '?'}`;
}

function whyOf({ reason, failures, note, from, question, answer, prUrl }: EventView): string {
  const times = failures === undefined ? '' : `failure ${failures}: `;
  return (
    `${times}${reason ?? ''}${note ?? ''}${answer ?? question ?? ''}${from === undefined ? '' : `from ${from}`}${prUrl ?? ''}` ||
    '-'
  );
}
