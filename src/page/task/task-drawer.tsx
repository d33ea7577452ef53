import { useEffect, useState } from 'preact/hooks';
import type { BoardTaskDetails } from '../../domain/dashboard/board.ts';
import { readDetails } from '../live/details.ts';
import { Icon } from '../parts/icon.tsx';
import { Modal } from '../parts/modal.tsx';
import { StatePill } from '../parts/state.tsx';
import { open, tasksByName } from '../state/board-state.ts';
import { config } from '../state/connection.ts';
import { TaskActions } from './task-actions.tsx';
import { TaskFacts } from './task-facts.tsx';
import { TaskLinks } from './task-links.tsx';
import { TaskLog } from './task-log.tsx';
import { TaskText } from './task-text.tsx';

/** What is known of the opened task: undefined while it is read, null if there is no more than its card. */
type Known = BoardTaskDetails | null | undefined;

/** The open task, next to the board. */
export function TaskDrawer({ name }: { readonly name: string }) {
  const task = tasksByName.value.get(name);
  const { details, problem } = useDetails(name, task);
  return (
    <Modal class="drawer" labelledBy="drawer-title" onClose={close}>
      <header class="drawer-head">
        <div class="drawer-line">
          <span class="id">{task?.task ?? name}</span>
          {task !== undefined && <StatePill state={task.state} isStalled={task.isStalled} />}
          <button
            type="button"
            class="tool"
            onClick={() => void navigator.clipboard?.writeText(name)}
            title="Copy the name"
          >
            <Icon name="copy" />
            <span class="hidden">Copy the name {name}</span>
          </button>
          <button type="button" class="tool" onClick={close} title="Close (Esc)">
            <Icon name="close" />
            <span class="hidden">Close</span>
          </button>
        </div>
        <h2 id="drawer-title" tabIndex={-1} data-focus>
          {task === undefined ? 'There is no such task' : (task.title ?? 'No title')}
        </h2>
      </header>
      {task === undefined ? (
        <p class="drawer-none">It was removed, or its name has changed.</p>
      ) : (
        <div class="drawer-content">
          <TaskFacts task={task} />
          {task.about !== null && <blockquote class={`about state-${task.state}`}>{task.about}</blockquote>}
          {config.value.actions && <TaskActions key={task.state} task={task} />}
          {problem !== undefined && <p class="problem">Its file could not be read: {problem}</p>}
          {details != null && <TaskText details={details} />}
          <TaskLinks task={task} />
          {details != null && <TaskLog details={details} />}
          {details === null && <p class="drawer-none">This report has no more about it.</p>}
        </div>
      )}
    </Modal>
  );
}

/** Reads what the drawer shows, and again when the task changes: meanwhile the old text stays. */
function useDetails(name: string, task: unknown): { readonly details: Known; readonly problem: string | undefined } {
  const [details, setDetails] = useState<Known>(undefined);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const controller = new AbortController();
    readDetails(name, controller.signal)
      .then((found) => {
        setDetails(found ?? null);
        setProblem(undefined);
      })
      .catch((error: unknown) => {
        if (!controller.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      });
    return () => controller.abort();
  }, [name, task]);
  return { details, problem };
}

function close(): void {
  open(null);
}
