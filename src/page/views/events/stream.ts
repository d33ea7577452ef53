import type { BoardEvent } from '../../../domain/dashboard/board.ts';
import { taskName } from '../../../domain/queue/task.ts';
import { dayName, startOfDay } from '../times/clock.ts';
import { EVENT_GROUPS, EVENT_LOOKS, type EventGroup } from './kinds.ts';

/** What of the stream is shown. null: no limit. */
export interface StreamWish {
  readonly project: string | null;
  readonly agent: string | null;
  readonly search: string;
  /** The tasks that have the label that is filtered by; null: no label is. */
  readonly labelled: ReadonlySet<string> | null;
  readonly group: EventGroup;
}

/** The events of a day of the reader's calendar, the newest first. */
export interface Day {
  readonly name: string;
  /** Midnight, in ms. */
  readonly at: number;
  readonly events: readonly BoardEvent[];
}

/** The events that pass, in their order. */
export function shownEvents(events: readonly BoardEvent[], wish: StreamWish): readonly BoardEvent[] {
  const { project, agent, search, labelled, group } = wish;
  const kinds: readonly string[] | undefined = EVENT_GROUPS[group];
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return events.filter(
    (event) =>
      // What is of the whole queue is of each project too.
      (project === null || event.project === project || event.project === null) &&
      (agent === null || event.agent === agent) &&
      (labelled === null || labelled.has(nameOf(event) ?? '')) &&
      (kinds === undefined || kinds.includes(event.event)) &&
      (words.length === 0 || hasAll(event, words)),
  );
}

/** @param now ms since the epoch */
export function daysOf(events: readonly BoardEvent[], now: number): Day[] {
  const days: { name: string; at: number; events: BoardEvent[] }[] = [];
  for (const event of events) {
    const at = startOfDay(Date.parse(event.time));
    const last = days.at(-1);
    if (last?.at === at) last.events.push(event);
    else days.push({ name: dayName(at, now), at, events: [event] });
  }
  return days;
}

/** Tells an event from all others of a board: a commit may tell of many tasks. */
export function keyOf({ commit, event, project, task, agent }: BoardEvent): string {
  return `${commit} ${event} ${project ?? ''}/${task ?? ''} ${agent}`;
}

/** `project/TASK-ID`; undefined if the event is of no task that is known. */
export function nameOf({ project, task }: Pick<BoardEvent, 'project' | 'task'>): string | undefined {
  return project === null || task === null ? undefined : taskName({ project, task });
}

/**
 * One line for people who listen instead of looking, about events that are new.
 * @param fresh newest first
 */
export function announcement(fresh: readonly BoardEvent[]): string {
  const [newest] = fresh;
  if (newest === undefined) return '';
  const { verb } = EVENT_LOOKS[newest.event];
  const said = `${newest.agent} ${verb} ${nameOf(newest) ?? newest.project ?? 'the queue'}`;
  return fresh.length === 1 ? said : `${fresh.length} new events, the last one: ${said}`;
}

function hasAll(event: BoardEvent, words: readonly string[]): boolean {
  const { project, task, title, agent, text } = event;
  const hay = `${project ?? ''}/${task ?? ''}\n${title ?? ''}\n${agent}\n${text ?? ''}\n${EVENT_LOOKS[event.event].verb}`;
  const lower = hay.toLowerCase();
  return words.every((word) => lower.includes(word));
}
