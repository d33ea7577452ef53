import { type ExportedTask, wholeText } from '../../../domain/moving/exported-task.ts';
import { labelWord } from '../../../domain/moving/words.ts';

const COLUMNS: readonly (readonly [name: string, cell: (task: ExportedTask) => string | number | null])[] = [
  ['project', ({ project }) => project],
  ['task', ({ task }) => task],
  ['title', ({ title }) => title],
  ['state', ({ state }) => state],
  ['priority', ({ priority }) => priority],
  ['type', ({ type }) => type],
  ['batch', ({ batch }) => batch],
  ['requires', ({ requires }) => requires.join(' ')],
  ['waiting_for', ({ waitingFor }) => waitingFor.join(' ')],
  [
    'labels',
    ({ labels }) =>
      Object.entries(labels)
        .map(([key, value]) => labelWord(key, value))
        .join('; '),
  ],
  ['agent', ({ claim, completion }) => completion?.agent ?? claim?.agent ?? null],
  ['claimed_at', ({ claim }) => claim?.claimedAt ?? null],
  ['completed_at', ({ completion }) => completion?.completedAt ?? null],
  ['pr_url', ({ completion }) => completion?.prUrl ?? null],
  ['failures', ({ failures }) => failures],
  ['ref', ({ ref }) => ref],
  ['description', wholeText],
  ['acceptance_criteria', ({ acceptanceCriteria }) => acceptanceCriteria.join('\n')],
];

/**
 * One record per task below a line of names, as RFC 4180 has it: CRLF at the end of each, quotes doubled. A spreadsheet
 * takes a text that begins with `=`, `+`, `-` or `@` for a formula: such a cell gets an apostrophe in front.
 */
export function toCsv(tasks: readonly ExportedTask[]): string {
  const records = [COLUMNS.map(([name]) => name), ...tasks.map((task) => COLUMNS.map(([, cell]) => cell(task)))];
  return records.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
