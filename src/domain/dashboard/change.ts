import { taskName } from '../queue/task.ts';
import type {
  Board,
  BoardAgent,
  BoardChange,
  BoardEvent,
  BoardSeries,
  SeriesChange,
  SeriesFigures,
  SpansChange,
} from './board.ts';
import { applyListChange, listChange } from './list-change.ts';
import { isSame } from './same.ts';

/** What a page that has the one board must be told to have the other. */
export function changeBetween(before: Board, after: Board): BoardChange {
  const { tasks: _, agents: _a, events: _e, series: _s, ...simple } = after;
  const tasks = listChange(before.tasks, after.tasks, taskName);
  const agents = listChange(before.agents.map(withoutSpans), after.agents.map(withoutSpans), nameOfAgent);
  const spans = spansChange(before.agents, after.agents);
  const events = eventsChange(before.events, after.events);
  const series = seriesChange(before.series, after.series);
  return {
    ...different<Omit<Board, 'tasks' | 'agents' | 'events' | 'series'>>(before, simple),
    ...(tasks === undefined ? {} : { tasks }),
    ...(agents === undefined ? {} : { agents }),
    ...(spans === undefined ? {} : { spans }),
    ...(events === undefined ? {} : { events }),
    ...(series === undefined ? {} : { series }),
  };
}

/**
 * The board after the change.
 * @param board the one from which the change was made
 * @throws Error if it is another one
 */
export function applyChange(board: Board, change: BoardChange): Board {
  const { tasks, agents, spans, events, series, ...simple } = change;
  return {
    ...board,
    ...simple,
    tasks: tasks === undefined ? board.tasks : applyListChange(board.tasks, tasks, taskName),
    agents: applyAgents(board.agents, agents, spans),
    events: events === undefined ? board.events : [...events.added, ...board.events.slice(0, events.kept)],
    series: series === undefined ? board.series : applySeries(board.series, series),
  };
}

function nameOfAgent({ agent }: Pick<BoardAgent, 'agent'>): string {
  return agent;
}

function withoutSpans({ spans: _, ...agent }: BoardAgent): Omit<BoardAgent, 'spans'> {
  return agent;
}

function spansChange(before: readonly BoardAgent[], after: readonly BoardAgent[]): BoardChange['spans'] {
  const known = new Map(before.map(({ agent, spans }) => [agent, spans]));
  const changes = after.flatMap(({ agent, spans }): [string, SpansChange][] => {
    const old = known.get(agent) ?? [];
    if (isSame(old, spans)) return [];
    // The window moves on, and its oldest spans go.
    const [first] = spans;
    const from =
      first === undefined
        ? 0
        : Math.max(
            0,
            old.findIndex((span) => isSame(span, first)),
          );
    const end = spans.findIndex((span, index) => !isSame(span, old[from + index]));
    const kept = end < 0 ? spans.length : end;
    return [[agent, { from, kept, added: spans.slice(kept) }]];
  });
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

function applyAgents(
  before: readonly BoardAgent[],
  agents: BoardChange['agents'],
  spans: BoardChange['spans'] = {},
): readonly BoardAgent[] {
  const old = new Map(before.map((agent) => [agent.agent, agent.spans]));
  const changes = new Map(Object.entries(spans));
  if (agents === undefined && changes.size === 0) return before;
  const bare = before.map(withoutSpans);
  return (agents === undefined ? bare : applyListChange(bare, agents, nameOfAgent)).map((agent) => {
    const [known, change] = [old.get(agent.agent) ?? [], changes.get(agent.agent)];
    if (change === undefined) return { ...agent, spans: known };
    const { from, kept, added } = change;
    return { ...agent, spans: [...known.slice(from, from + kept), ...added] };
  });
}

/** The members of `after` that `before` has otherwise. */
function different<Some extends object>(before: Some, after: Partial<Some>): Partial<Some> {
  const changed: Partial<Some> = {};
  for (const key of Object.keys(after) as (keyof Some)[]) {
    if (!isSame(before[key], after[key])) changed[key] = after[key];
  }
  return changed;
}

function eventsChange(before: readonly BoardEvent[], after: readonly BoardEvent[]): BoardChange['events'] {
  // Where the newest old one is now: everything in front of it is new, if the rest follows as it was.
  for (let added = 0; added <= after.length; added++) {
    const kept = after.length - added;
    const isRest = after.slice(added).every((event, index) => isSame(event, before[index]));
    if (!isRest) continue;
    return added === 0 && kept === before.length ? undefined : { added: after.slice(0, added), kept };
  }
  return { added: after, kept: 0 };
}

function seriesChange(before: BoardSeries, after: BoardSeries): SeriesChange | undefined {
  const { all: _, projects: _p, ...frame } = after;
  const all = different(before.all, after.all);
  const projects: [string, Partial<SeriesFigures> | null][] = Object.entries(after.projects).flatMap(
    ([project, figures]): [string, Partial<SeriesFigures>][] => {
      const old = Object.hasOwn(before.projects, project) ? before.projects[project] : undefined;
      const changed = old === undefined ? figures : different(old, figures);
      return Object.keys(changed).length === 0 ? [] : [[project, changed]];
    },
  );
  for (const project of Object.keys(before.projects)) {
    if (!Object.hasOwn(after.projects, project)) projects.push([project, null]);
  }
  const change: SeriesChange = {
    ...different<Omit<BoardSeries, 'all' | 'projects'>>(before, frame),
    ...(Object.keys(all).length === 0 ? {} : { all }),
    ...(projects.length === 0 ? {} : { projects: Object.fromEntries(projects) }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

function applySeries(series: BoardSeries, { all, projects = {}, ...frame }: SeriesChange): BoardSeries {
  const known = new Map(Object.entries(series.projects));
  for (const [project, change] of Object.entries(projects)) {
    // A project that is new comes with all of its figures.
    if (change === null) known.delete(project);
    else known.set(project, { ...known.get(project), ...change } as SeriesFigures);
  }
  return { ...series, ...frame, all: { ...series.all, ...all }, projects: Object.fromEntries(known) };
}
