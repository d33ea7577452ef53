import { nameOf, open, shownTasks } from '../state/board-state.ts';

/** The tasks in columns. */
export function BoardView() {
  return (
    <ul>
      {shownTasks.value.slice(0, 60).map((task) => (
        <li key={nameOf(task)}>
          <button type="button" onClick={() => open(nameOf(task))}>
            {task.task} {task.title} {task.state}
          </button>
        </li>
      ))}
    </ul>
  );
}
