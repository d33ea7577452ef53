import { computed } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { TaskCondition } from '../../domain/queue/task.ts';
import { STATE_WORDS } from '../format/words.ts';
import { StateDot } from '../parts/state.tsx';
import { board, filters, setFilters, shownTasks, showsCancelled } from '../state/board-state.ts';
import { COLUMNS, columnsOf } from '../state/columns.ts';
import { isFiltered, NO_FILTERS } from '../state/filters.ts';
import { moveByArrows } from './arrows.ts';
import { Column } from './column.tsx';
import { useMoves } from './moves.ts';

const columns = computed(() => columnsOf(shownTasks.value));

/** The tasks in columns by their state. Where there is no room for all, one column is shown, and the others are tabs. */
export function BoardView() {
  const [chosen, setChosen] = useState<TaskCondition>('ready');
  useMoves();
  const shown = COLUMNS.filter((state) => state !== 'cancelled' || showsCancelled.value);
  if (board.value.tasks.length === 0) return <NoTasks />;
  if (shownTasks.value.length === 0 && isFiltered(filters.value)) return <NothingFound />;
  return (
    <section class="board" aria-label="Board">
      <fieldset class="tabs">
        <legend class="hidden">Columns</legend>
        {shown.map((state) => (
          <button key={state} type="button" aria-pressed={state === chosen} onClick={() => setChosen(state)}>
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
