import { approximateDuration } from '../../../domain/base/duration.ts';
import type { Rendering } from '../../output/rendering.ts';
import { type Column, formatTable } from '../../output/table.ts';
import type { ListResult } from './result.ts';

const COLUMNS: readonly Column[] = [
  { title: 'TASK', align: 'left' },
  { title: 'PRIORITY', align: 'right' },
  { title: 'TYPE', align: 'left' },
  { title: 'STATUS', align: 'left' },
  { title: 'OWNER', align: 'left' },
  { title: 'HEARTBEAT', align: 'right' },
  { title: 'TITLE', align: 'left' },
];

/** A table with one line per task; nothing if there are none. */
export function render(result: ListResult, { columns, style }: Rendering): string {
  if (result.tasks.length === 0) return '';
  const rows = result.tasks.map((task) => [
    `${task.project}/${task.task}`,
    task.priority === null ? '-' : String(task.priority),
    task.type ?? '-',
    task.problem ?? task.state,
    task.owner ?? '-',
    task.heartbeatAgeMs === null ? '-' : approximateDuration(task.heartbeatAgeMs),
    task.title ?? '-',
  ]);
  const [head = '', ...lines] = formatTable(COLUMNS, rows, columns);
  return `${[style.bold(head), ...lines].join('\n')}\n`;
}
