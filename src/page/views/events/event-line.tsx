import type { BoardEvent } from '../../../domain/dashboard/board.ts';
import { ago, exactTime } from '../../format/times.ts';
import { now, open, setFilters } from '../../state/board-state.ts';
import { clockOf } from '../times/clock.ts';
import { EVENT_LOOKS } from './kinds.ts';
import { nameOf } from './stream.ts';

/** What happened, to what, by whom, and why. */
export function EventLine({ event, isFresh }: { readonly event: BoardEvent; readonly isFresh: boolean }) {
  const { verb, tone, icon } = EVENT_LOOKS[event.event];
  const name = nameOf(event);
  const at = Date.parse(event.time);
  return (
    <li class={`event tone-${tone}${isFresh ? ' is-fresh' : ''}`}>
      <time dateTime={event.time} title={exactTime(event.time)}>
        {clockOf(at)}
      </time>
      <svg class="event-icon" viewBox="0 0 16 16" aria-hidden="true">
        <path d={icon} />
      </svg>
      <div class="event-what">
        <p>
          <button
            type="button"
            class="event-agent"
            title={`Only ${event.agent}`}
            onClick={() => setFilters({ agent: event.agent })}
          >
            {event.agent}
          </button>{' '}
          <span class="event-verb">{verb}</span>{' '}
          {name === undefined ? (
            <span class="event-of">{event.project ?? 'the queue'}</span>
          ) : (
            <button type="button" class="task-link" onClick={() => open(name)}>
              {name}
            </button>
          )}
          {event.title !== null && <span class="event-title">{event.title}</span>}
        </p>
        {event.text !== null && <p class="event-text">{event.text}</p>}
      </div>
      <span class="event-ago">{ago(event.time, now.value)}</span>
    </li>
  );
}
