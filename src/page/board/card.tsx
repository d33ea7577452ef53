import type { BoardTask } from '../../domain/dashboard/board.ts';
import { taskName } from '../../domain/queue/task.ts';
import { counted, prName, safeUrl } from '../format/words.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { Priority } from '../parts/priority.tsx';
import { Age } from '../parts/time.tsx';
import { board, filters, open } from '../state/board-state.ts';
import { labelKeys, labelText } from '../state/filters.ts';

/** Labels on a card; the drawer has all. */
const MOST_LABELS = 3;

/** A task on the board. */
export function Card({ task }: { readonly task: BoardTask }) {
  const name = taskName(task);
  const isDone = task.state === 'completed' || task.state === 'cancelled';
  const pr = safeUrl(task.prUrl);
  // Nobody and nothing is named below: its labels take that place.
  const isAlone = task.agent === null && pr === null;
  return (
    <article class={`task-card ${isDone ? 'card-done' : ''} ${task.isStalled ? 'card-stalled' : ''}`} data-name={name}>
      <div class="card-top">
        <span class="id">{task.task}</span>
        {filters.value.project === null && board.value.projects.length > 1 && (
          <span class="card-project">{task.project}</span>
        )}
        {!isDone && <Priority value={task.priority} />}
      </div>
      <h3>
        <button type="button" class="card-open" onClick={() => open(name)}>
          {task.title ?? <em>no title</em>}
        </button>
      </h3>
      {!isDone && <Told task={task} />}
      {!isDone && !isAlone && <Chips task={task} />}
      <div class="card-foot">
        {!isDone && isAlone && <Chips task={task} />}
        {task.agent !== null && (
          <span class="who">
            <Avatar agent={task.agent} />
            <span>{task.agent}</span>
          </span>
        )}
        {pr !== null && (
          <a
            class="pr"
            href={pr}
            target="_blank"
            rel="noreferrer noopener"
            aria-label={`Pull request ${prName(pr)} of ${task.task}`}
          >
            {prName(pr)}
          </a>
        )}
        {task.since !== null && (
          <span class="card-age">
            <Age time={task.since} />
          </span>
        )}
      </div>
    </article>
  );
}

/** What keeps it from going on. */
function Told({ task: { state, isStalled, failures, stalls, about, waitingFor } }: { readonly task: BoardTask }) {
  const [first, ...others] = waitingFor;
  return (
    <>
      {isStalled && (
        <p class="told state-stalled">
          <Icon name="clock" size={12} />
          no sign of life
        </p>
      )}
      {(state === 'asking' || state === 'blocked') && about !== null && (
        <p class={`told about state-${state}`}>{about}</p>
      )}
      {first !== undefined && state === 'waiting' && (
        <p class="told state-waiting">
          <Icon name="wait" size={12} />
          <span>
            waits for <b>{first.slice(first.indexOf('/') + 1)}</b>
            {others.length > 0 && ` +${others.length}`}
          </span>
        </p>
      )}
      {failures > 0 && (
        <p class="told state-blocked">
          <Icon name="fail" size={12} />
          {counted(failures, 'failure')}
        </p>
      )}
      {stalls > 0 && !isStalled && (
        <p class="told state-stalled">
          <Icon name="clock" size={12} />
          stalled {stalls === 1 ? 'once' : `${stalls} times`} before
        </p>
      )}
    </>
  );
}

/** A batch that all tasks of a project share says nothing about one of them. */
function saysMore({ project, batch }: BoardTask): boolean {
  const all = board.value.projects.find((one) => one.project === project);
  return all?.batches.find((one) => one.batch === batch)?.total !== all?.total;
}

function Chips({ task }: { readonly task: BoardTask }) {
  const { labels } = task;
  const batch = saysMore(task) ? task.batch : null;
  const keys = labelKeys(task);
  if (keys.length === 0 && batch === null) return null;
  return (
    <ul class="chips" aria-label="Labels">
      {batch !== null && (
        <li class="chip chip-batch" title={batch}>
          {batch}
        </li>
      )}
      {keys.slice(0, MOST_LABELS).map((key) => (
        <li key={key} class="chip" title={labelText(key, labels[key])}>
          {labelText(key, labels[key])}
        </li>
      ))}
      {keys.length > MOST_LABELS && <li class="chip">+{keys.length - MOST_LABELS}</li>}
    </ul>
  );
}
