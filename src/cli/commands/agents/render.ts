import { approximateDuration } from '../../../domain/base/duration.ts';
import type { AgentState } from '../../../domain/figures/roster.ts';
import type { Rendering } from '../../output/rendering.ts';
import type { Style } from '../../output/style.ts';
import { type Column, fittingTable, formatTable } from '../../output/table.ts';
import type { AgentsResult, AgentView } from './result.ts';

interface Field {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Leaves the column out where no agent has anything in it. */
  readonly rare?: true;
  of(agent: AgentView, result: AgentsResult): string;
}

const FIELDS: readonly Field[] = [
  { title: 'AGENT', align: 'left', of: ({ agent }) => agent },
  { title: 'STATE', align: 'left', of: ({ state }) => state },
  { title: 'TASK', align: 'left', of: taskOf },
  { title: 'SINCE', align: 'right', of: ({ since }, { time }) => ago(since, time) },
  { title: 'SEEN', align: 'right', of: ({ lastSeen }, { time }) => ago(lastSeen, time) },
  { title: 'CLAIMS', align: 'right', of: ({ claims }) => String(claims) },
  { title: 'DONE', align: 'right', of: ({ completions }) => String(completions) },
  { title: 'REVIEW', align: 'right', rare: true, of: ({ reviews }) => said(reviews) },
  { title: 'FAILED', align: 'right', rare: true, of: ({ failures }) => said(failures) },
  { title: 'STALLED', align: 'right', rare: true, of: ({ stalls }) => said(stalls) },
  {
    title: 'MEAN',
    align: 'right',
    of: ({ meanTaskMs }) => (meanTaskMs === null ? '-' : approximateDuration(meanTaskMs)),
  },
  { title: 'MACHINE', align: 'left', rare: true, of: ({ machine }) => machine ?? '-' },
];

/** On a narrow terminal, these columns are left out, in this order. */
const LESSER: readonly string[] = ['REVIEW', 'CLAIMS', 'MEAN', 'MACHINE', 'STALLED', 'FAILED', 'DONE'];

/** A table with one line for each agent, nothing if there are none; or the format that was asked for. */
export function render(result: AgentsResult, { columns: width, style }: Rendering): string {
  const { agents, presentation } = result;
  if (presentation.text !== undefined) return presentation.text;
  if (agents.length === 0) return '';
  const table = (gone: readonly string[]): string[] => {
    const shown = FIELDS.filter(({ title, rare, of }) => {
      return !gone.includes(title) && (rare === undefined || agents.some((agent) => of(agent, result) !== '-'));
    });
    const columns = shown.map(({ title, align }): Column => ({ title, align }));
    return formatTable(
      columns,
      agents.map((agent) => shown.map(({ of }) => of(agent, result))),
      undefined,
    );
  };
  const [head = '', ...lines] = fittingTable(width, LESSER, table);
  const coloured = lines.map((line, index) => colour(line, agents[index]?.state, style));
  return `${[style.bold(head), ...coloured].join('\n')}\n`;
}

/** Without its project if all tasks are of one. */
function taskOf({ project, task }: AgentView, { agents }: AgentsResult): string {
  if (task === null) return '-';
  const projects = new Set(agents.flatMap((agent) => agent.project ?? []));
  return projects.size === 1 ? task : `${project}/${task}`;
}

function colour(line: string, state: AgentState | undefined, style: Style): string {
  if (state === 'silent') return style.yellow(line);
  return state === 'gone' ? style.dim(line) : line;
}

function ago(time: string | null, now: string): string {
  return time === null ? '-' : approximateDuration(Date.parse(now) - Date.parse(time));
}

function said(count: number): string {
  return count === 0 ? '-' : String(count);
}
