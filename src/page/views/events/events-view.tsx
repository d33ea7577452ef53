import { computed, signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { MOST_EVENTS } from '../../../domain/dashboard/board.ts';
import { board, filters, labelled, now } from '../../state/board-state.ts';
import { More } from '../times/more.tsx';
import { EventLine } from './event-line.tsx';
import { EVENT_GROUPS, type EventGroup } from './kinds.ts';
import { announcement, daysOf, keyOf, shownEvents } from './stream.ts';

/** Lines that are added at a time. */
const PAGE = 60;

/** Time (ms) in which events are gathered before they are read out. */
const SAY_EACH_MS = 8_000;

const group = signal<EventGroup>('all');

const shown = computed(() => {
  const { project, agent, search } = filters.value;
  // Words are looked for in the event. A task may have another agent by now, so only its label counts.
  return shownEvents(board.value.events, { project, agent, search, labelled: labelled.value, group: group.value });
});

const GROUPS = Object.keys(EVENT_GROUPS) as readonly EventGroup[];

/** What happened, the newest first. */
export function EventsView() {
  const events = shown.value;
  const most = useSignal(PAGE);
  const fresh = useFresh(board.value.events.map(keyOf));
  const days = daysOf(events.slice(0, most.value), now.value);
  const said = useAnnouncement(events.filter((event) => fresh.has(keyOf(event))));
  return (
    <section class="view events-view" aria-labelledby="events-title">
      <header class="view-head">
        <h2 id="events-title">Events</h2>
        <p>
          {events.length === board.value.events.length
            ? `the last ${events.length}`
            : `${events.length} of the last ${board.value.events.length}`}
          {board.value.events.length >= MOST_EVENTS && '; agentq log has all'}
        </p>
        <div class="event-groups" role="group" aria-label="Kinds of events">
          {GROUPS.map((name) => (
            <button key={name} type="button" aria-pressed={group.value === name} onClick={() => (group.value = name)}>
              {name}
            </button>
          ))}
        </div>
      </header>
      <p class="hidden" role="status">
        {said}
      </p>
      {events.length === 0 && (
        <p class="view-empty">
          {board.value.events.length === 0 ? 'Nothing happened in this period.' : 'No event passes the filters.'}
        </p>
      )}
      {days.map(({ name, at, events: ofDay }) => (
        <section key={at} class="event-day" aria-label={name}>
          <h3>{name}</h3>
          <ol>
            {ofDay.map((event) => (
              <EventLine key={keyOf(event)} event={event} isFresh={fresh.has(keyOf(event))} />
            ))}
          </ol>
        </section>
      ))}
      <More shown={most.value} all={events.length} what="events" onMore={() => (most.value += PAGE)} />
    </section>
  );
}

/** Those that came while the view was open. */
function useFresh(keys: readonly string[]): ReadonlySet<string> {
  const atStart = useRef<ReadonlySet<string> | null>(null);
  atStart.current ??= new Set(keys);
  const known = atStart.current;
  return useMemo(() => new Set(keys.filter((key) => !known.has(key))), [keys.join('\n')]);
}

/** What is read out: one line for all that came in a while, or a busy queue would never be silent. */
function useAnnouncement(fresh: ReturnType<typeof shown.peek>): string {
  const said = useSignal('');
  const toldUntil = useRef<string | undefined>(undefined);
  const newest = useRef(fresh);
  newest.current = fresh;
  useEffect(() => {
    const timer = setInterval(() => {
      const known = newest.current.findIndex((event) => keyOf(event) === toldUntil.current);
      const untold = known === -1 ? newest.current : newest.current.slice(0, known);
      const [first] = untold;
      if (first === undefined) return;
      toldUntil.current = keyOf(first);
      said.value = announcement(untold);
    }, SAY_EACH_MS);
    return () => clearInterval(timer);
  }, [said]);
  return said.value;
}
