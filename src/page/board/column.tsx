import { useEffect, useRef, useState } from 'preact/hooks';
import type { BoardTask } from '../../domain/dashboard/board.ts';
import type { TaskCondition } from '../../domain/queue/task.ts';
import { taskName } from '../../domain/queue/task.ts';
import { STATE_WORDS } from '../format/words.ts';
import { StateDot } from '../parts/state.tsx';
import { board, filters, shownCounts } from '../state/board-state.ts';
import { nothingToClaim } from '../state/columns.ts';
import { isFiltered } from '../state/filters.ts';
import { Card } from './card.tsx';

/** Cards that a column has at first: what is below them nobody sees yet, and drawing it makes a filter slow. */
const FIRST = 12;
/** Cards that are added before the end of the column is in sight, or when somebody asks for them. */
const MORE = 24;

interface Props {
  readonly state: TaskCondition;
  readonly tasks: readonly BoardTask[];
  /** Whether it is the one that is shown where there is room for one only. */
  readonly isChosen: boolean;
}

/** The tasks of one state. */
export function Column({ state, tasks, isChosen }: Props) {
  // Other filters show other tasks, and begin again.
  const [grown, setGrown] = useState({ by: filters.value, most: FIRST });
  const most = grown.by === filters.value ? grown.most : FIRST;
  const left = tasks.length - most;
  const grow = (): void => setGrown({ by: filters.value, most: most + MORE });
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
            <li key={taskName(task)}>
              <Card task={task} />
            </li>
          ))}
        </ul>
      )}
      {left > 0 && <More key={most} left={left} onMore={grow} />}
    </section>
  );
}

/** The end of a column that has more. It grows by itself when it comes near, and by keyboard. */
function More({ left, onMore }: { readonly left: number; readonly onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const more = useRef(onMore);
  more.current = onMore;
  useEffect(() => {
    if (button.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) more.current();
      },
      { rootMargin: '0px 0px 240px' },
    );
    observer.observe(button.current);
    return () => observer.disconnect();
  }, []);
  return (
    <button ref={button} type="button" class="more" onClick={onMore}>
      Show {Math.min(MORE, left)} more <span>of {left.toLocaleString('en')}</span>
    </button>
  );
}

const NONE: Readonly<Record<TaskCondition, string>> = {
  ready: 'Nothing to claim.',
  waiting: 'Nothing is waiting.',
  asking: 'No questions.',
  claimed: 'Nobody is working.',
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
