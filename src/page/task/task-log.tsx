import type { BoardEvent, BoardTaskDetails } from '../../domain/dashboard/board.ts';
import { Ago } from '../parts/time.tsx';

/** What happened to the task, and its file. */
export function TaskLog({ details: { events, path, text } }: { readonly details: BoardTaskDetails }) {
  return (
    <>
      {events.length > 0 && (
        <section>
          <h3>Log</h3>
          <ol class="log">
            {events.map((event) => (
              <li key={`${event.commit} ${event.event} ${event.time}`} class={`log-${kindOf(event)}`}>
                <p>
                  <b>{kindOf(event)}</b> by {event.agent} <Ago time={event.time} />
                  <code>{event.commit.slice(0, 8)}</code>
                </p>
                {event.text !== null && <p class="log-text">{event.text}</p>}
              </li>
            ))}
          </ol>
        </section>
      )}
      <details class="file">
        <summary>
          File <code>{path}</code>
        </summary>
        <pre>{text}</pre>
      </details>
    </>
  );
}

function kindOf({ event }: BoardEvent): string {
  return event.slice(event.indexOf('.') + 1);
}
