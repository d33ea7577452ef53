import { opened, tasksByName } from '../state/board-state.ts';

/** The task that is opened. */
export function TaskDrawer() {
  if (opened.value === null) return null;
  const task = tasksByName.value.get(opened.value);
  return <aside>{task?.title ?? opened.value}</aside>;
}
