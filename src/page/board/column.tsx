import { useState } from 'preact/hooks';
import type { BoardTask } from '../../domain/dashboard/board.ts';
import type { TaskCondition } from '../../domain/queue/task.ts';
import { STATE_WORDS } from '../format/words.ts';
import { StateDot } from '../parts/state.tsx';
import { board, filters, nameOf, shownCounts } from '../state/board-state.ts';
import { nothingToClaim } from '../state/columns.ts';
import { isFiltered } from '../state/filters.ts';
import { Card } from './card.tsx';

/** Cards that a column has at first, and that each request adds: what is below them nobody sees, and costs time to draw. */
const PAGE = 40;

interface Props {
  readonly state: TaskCondition;
  readonly tasks: readonly BoardTask[];
  /** Whether it is the one that is shown where there is room for one only. */
  readonly isChosen: boolean;
}

/** The tasks of one state. */
export function Column({ state, tasks, isChosen }: Props) {
  const [most, setMost] = useState(PAGE);
  const left = tasks.length - most;
  const isEmpty = tasks.length === 0;
  return (
    <section
      class={`column ${isEmpty ? 'column-empty' : ''} ${isChosen ? 'chosen' : ''}`}
      aria-labelledby={`column-${state}`}
    >
      <header class="column-head">
        <StateDot state={state} />
        <h2 id={`column-${state}`}>{STATE_WORDS[state]}</h2>
        <span class="count">{tasks.length.toLocaleString('en')}</span>
      </header>
      {isEmpty ? (
        <p class="column-none">{whyEmpty(state)}</p>
      ) : (
        <ul class="cards">
          {tasks.slice(0, most).map((task) => (
            <li key={nameOf(task)}>
              <Card task={task} />
            </li>
          ))}
        </ul>
      )}
      {left > 0 && (
        <button type="button" class="more" onClick={() => setMost(most + PAGE)}>
          Show {Math.min(PAGE, left)} more <span>of {left.toLocaleString('en')}</span>
        </button>
      )}
    </section>
  );
}

const NONE: Readonly<Record<TaskCondition, string>> = {
  ready: 'Nothing to claim.',
  waiting: 'Nothing waits.',
  asking: 'No questions.',
  claimed: 'Nobody works.',
  review: 'Nothing to review.',
  completed: 'Nothing done yet.',
  blocked: 'Nothing is blocked.',
  cancelled: 'Nothing was cancelled.',
};

function whyEmpty(state: TaskCondition): string {
  if (isFiltered({ ...filters.value, project: null })) return 'None of these.';
  const isPaused = board.value.paused.some(({ project }) => project === null || project === filters.value.project);
  return (state === 'ready' ? nothingToClaim(shownCounts.value, isPaused) : undefined) ?? NONE[state];
}
