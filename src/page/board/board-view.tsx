import { computed } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import type { TaskCondition } from '../../domain/queue/task.ts';
import { STATE_WORDS } from '../format/words.ts';
import { StateDot } from '../parts/state.tsx';
import { board, filters, setFilters, shownTasks, showsCancelled } from '../state/board-state.ts';
import { COLUMNS, columnsOf, firstWithTasks } from '../state/columns.ts';
import { type Filters, isFiltered, NO_FILTERS } from '../state/filters.ts';
import { moveByArrows } from './arrows.ts';
import { Column } from './column.tsx';
import { useMoves } from './moves.ts';

const columns = computed(() => columnsOf(shownTasks.value));

/**
 * The tasks in columns by their state. Where there is no room for all, one column is shown, and the others are tabs.
 */
export function BoardView() {
  useMoves();
  const shown = COLUMNS.filter((state) => state !== 'cancelled' || showsCancelled.value);
  const [chosen, choose] = useChosen(shown);
  if (board.value.tasks.length === 0) return <NoTasks />;
  if (shownTasks.value.length === 0 && isFiltered(filters.value)) return <NothingFound />;
  return (
    <section class="board" aria-label="Board">
      <fieldset class="tabs" ref={showPressed}>
        <legend class="hidden">Columns</legend>
        {shown.map((state) => (
          <button key={state} type="button" aria-pressed={state === chosen} onClick={() => choose(state)}>
            <StateDot state={state} />
            {STATE_WORDS[state]} <b>{columns.value[state].length}</b>
          </button>
        ))}
      </fieldset>
      {/* Arrows are a shorter way between cards, each of which the Tab key reaches. */}
      <div class="columns" ref={moveByArrows}>
        {shown.map((state) => (
          <Column key={state} state={state} tasks={columns.value[state]} isChosen={state === chosen} />
        ))}
      </div>
    </section>
  );
}

/**
 * The column that is shown where there is room for one: what the reader chose, else the first that has tasks. That is
 * found again when other filters show other tasks, and not when tasks move: nobody turns the page for a reader.
 */
function useChosen(states: readonly TaskCondition[]): readonly [TaskCondition, (state: TaskCondition) => void] {
  const [picked, pick] = useState<TaskCondition>();
  const first = useRef<{ readonly by: Filters; readonly state: TaskCondition }>(undefined);
  if (first.current?.by !== filters.value) {
    first.current = { by: filters.value, state: firstWithTasks(columns.value, states) };
  }
  return [picked !== undefined && states.includes(picked) ? picked : first.current.state, pick];
}

/** Where the tabs are wider than the screen, the pressed one is in sight at first. */
function showPressed(tabs: HTMLElement | null): void {
  const pressed = tabs?.querySelector<HTMLElement>('[aria-pressed="true"]');
  if (tabs != null && pressed != null) tabs.scrollLeft = pressed.offsetLeft - tabs.offsetLeft - 16;
}

function NoTasks() {
  return (
    <div class="empty">
      <h2>There are no tasks yet</h2>
      <p>
        <code>agentq add</code> puts tasks into the queue, and <code>agentq import</code> brings them from another
        tracker. They appear here as soon as they are pushed.
      </p>
    </div>
  );
}

function NothingFound() {
  const { search } = filters.value;
  return (
    <div class="empty">
      <h2>No task matches {search.trim() === '' ? 'these filters' : `“${search.trim()}”`}</h2>
      <p>
        <button type="button" class="button" onClick={() => setFilters(NO_FILTERS)}>
          Clear the filters
        </button>
      </p>
    </div>
  );
}
