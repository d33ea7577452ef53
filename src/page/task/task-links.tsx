import { computed } from '@preact/signals';
import type { BoardTask } from '../../domain/dashboard/board.ts';
import { taskName } from '../../domain/queue/task.ts';
import { STATE_WORDS } from '../format/words.ts';
import { StateDot } from '../parts/state.tsx';
import { board, open, tasksByName } from '../state/board-state.ts';

/** For each task those that require it. */
const needed = computed((): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const task of board.value.tasks) {
    for (const name of task.requires) {
      const others = found.get(name);
      if (others === undefined) found.set(name, [taskName(task)]);
      else others.push(taskName(task));
    }
  }
  return found;
});

/** What must be done before it, and what it keeps waiting. */
export function TaskLinks({ task }: { readonly task: BoardTask }) {
  const after = needed.value.get(taskName(task)) ?? [];
  return (
    <>
      <Links title="Requires" names={task.requires} own={task.project} />
      <Links title="Required by" names={after} own={task.project} />
    </>
  );
}

interface LinksProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly own: string;
}

function Links({ title, names, own }: LinksProps) {
  if (names.length === 0) return null;
  return (
    <section>
      <h3>
        {title} <small>{names.length}</small>
      </h3>
      <ul class="links">
        {names.map((name) => (
          <li key={name}>
            <Link name={name} own={own} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Link({ name, own }: { readonly name: string; readonly own: string }) {
  const task = tasksByName.value.get(name);
  const shown = name.startsWith(`${own}/`) ? name.slice(own.length + 1) : name;
  if (task === undefined) {
    return (
      <span class="link-unknown">
        <span class="id">{shown}</span> there is no such task
      </span>
    );
  }
  return (
    <button type="button" class="link" onClick={() => open(name)}>
      <StateDot state={task.isStalled ? 'stalled' : task.state} />
      <span class="id">{shown}</span>
      <span class="link-title">{task.title}</span>
      <span class="link-state">{STATE_WORDS[task.state].toLowerCase()}</span>
    </button>
  );
}
