import { useId, useState } from 'preact/hooks';
import type { BoardTask } from '../../domain/dashboard/board.ts';
import { isOpen, taskName } from '../../domain/queue/task.ts';
import { type Action, act } from '../live/actions.ts';

/** What a reader may do with the task in its state. */
export function TaskActions({ task }: { readonly task: BoardTask }) {
  const name = taskName(task);
  if (!isOpen(task)) return null;
  const isHeld = task.state === 'claimed' || task.state === 'review';
  return (
    <section class="actions" aria-label="Actions">
      {task.state === 'asking' && (
        <Say label="Your answer" button="Answer" action={(text) => ({ action: 'answer', task: name, text })} isLong />
      )}
      {task.state === 'blocked' && <Do button="Unblock" action={{ action: 'unblock', task: name }} />}
      {isHeld && (
        <Say
          label="Why it is taken from its owner"
          button="Release"
          action={(reason) => ({ action: 'release', task: name, reason })}
        />
      )}
      {!isHeld && <PriorityForm name={name} priority={task.priority} />}
    </section>
  );
}

interface SayProps {
  readonly label: string;
  readonly button: string;
  readonly action: (text: string) => Action;
  readonly isLong?: boolean;
}

function Say({ label, button, action, isLong = false }: SayProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [isBusy, run] = useRun();
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') run(action(text.trim()), () => setText(''));
  };
  return (
    <form class="say" onSubmit={onSubmit}>
      <div class="say-field">
        <label for={id}>{label}</label>
        {isLong ? (
          <textarea id={id} rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        ) : (
          <input id={id} type="text" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        )}
      </div>
      <button type="submit" class="button primary" disabled={isBusy || text.trim() === ''}>
        {button}
      </button>
    </form>
  );
}

function Do({ button, action }: { readonly button: string; readonly action: Action }) {
  const [isBusy, run] = useRun();
  return (
    <button type="button" class="button primary" disabled={isBusy} onClick={() => run(action)}>
      {button}
    </button>
  );
}

function PriorityForm({ name, priority }: { readonly name: string; readonly priority: number | null }) {
  const id = useId();
  const [value, setValue] = useState(String(priority ?? ''));
  const [isBusy, run] = useRun();
  const isNumber = /^-?\d+$/.test(value);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (isNumber) run({ action: 'priority', task: name, priority: Number(value) });
  };
  return (
    <form class="say say-short" onSubmit={onSubmit}>
      <div class="say-field">
        <label for={id}>Priority</label>
        <input id={id} type="number" step={1} value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      </div>
      <button type="submit" class="button" disabled={isBusy || !isNumber || Number(value) === priority}>
        Set
      </button>
    </form>
  );
}

/** One action at a time: a button that is pressed twice does it once. */
function useRun(): [isBusy: boolean, run: (action: Action, then?: () => void) => void] {
  const [isBusy, setBusy] = useState(false);
  const run = (action: Action, then?: () => void): void => {
    setBusy(true);
    void act(action).then((isDone) => {
      setBusy(false);
      if (isDone) then?.();
    });
  };
  return [isBusy, run];
}
