import { useState } from 'preact/hooks';
import type { BoardPause, BoardTask } from '../../domain/dashboard/board.ts';
import { taskName } from '../../domain/queue/task.ts';
import { counted } from '../format/words.ts';
import { act } from '../live/actions.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Age } from '../parts/time.tsx';
import type { Attention, AttentionKind } from '../state/attention.ts';
import { ATTENTION_KINDS } from '../state/attention.ts';
import { board, filters, isLoaded, open, shownCounts, view } from '../state/board-state.ts';
import { config } from '../state/connection.ts';
import { isFiltered } from '../state/filters.ts';
import { attention } from './attention-state.ts';

/** How many are shown on the board before somebody asks for all. The other views have their own to show. */
const FEW = 4;

const KINDS: Readonly<
  Record<AttentionKind, { readonly icon: IconName; readonly word: string; readonly state: string }>
> = {
  paused: { icon: 'pause', word: 'Paused', state: 'stalled' },
  asking: { icon: 'question', word: 'Asking', state: 'asking' },
  stalled: { icon: 'clock', word: 'Stalled', state: 'stalled' },
  blocked: { icon: 'block', word: 'Blocked', state: 'blocked' },
  failing: { icon: 'fail', word: 'Failing', state: 'blocked' },
};

/** What goes on only if somebody does something: the reason to look at this page at all. */
export function AttentionStrip() {
  const [showsAll, setShowsAll] = useState(false);
  const items = attention.value;
  if (!isLoaded.value || (items.length === 0 && shownCounts.value.total === 0)) return null;
  if (items.length === 0) {
    return (
      <p class="attention-none">
        <Icon name="check" /> {isFiltered(filters.value) ? 'None of these tasks needs' : 'Nothing needs'} a person.
      </p>
    );
  }
  const few = view.value === 'board' ? FEW : 0;
  const shown = showsAll ? items : items.slice(0, few);
  return (
    <section class="attention" aria-labelledby="attention-title">
      <div class="attention-head">
        <h2 id="attention-title">Needs a person</h2>
        <ul class="attention-counts">
          {ATTENTION_KINDS.map((kind) => ({ kind, count: items.filter((item) => item.kind === kind).length }))
            .filter(({ count }) => count > 0)
            .map(({ kind, count }) => (
              <li key={kind} class={`state-${KINDS[kind].state}`}>
                <b>{count}</b> {KINDS[kind].word.toLowerCase()}
              </li>
            ))}
        </ul>
        {items.length > few && (
          <button type="button" class="quiet" aria-expanded={showsAll} onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? (few === 0 ? 'Hide' : 'Show fewer') : few === 0 ? 'Show' : `Show all ${items.length}`}
          </button>
        )}
      </div>
      {shown.length > 0 && (
        <ul class={`attention-items ${showsAll ? 'all' : ''}`}>
          {shown.map((item) => (
            <li key={keyOf(item)} class={`notice state-${KINDS[item.kind].state}`}>
              {item.kind === 'paused' ? <Pause pause={item.pause} /> : <Needing kind={item.kind} task={item.task} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Needing({ kind, task }: { readonly kind: Exclude<AttentionKind, 'paused'>; readonly task: BoardTask }) {
  const { icon, word } = KINDS[kind];
  const isMixed = filters.value.project === null && board.value.projects.length > 1;
  const below = kind === 'asking' || task.about !== null ? task.title : isMixed ? null : task.project;
  return (
    <button type="button" class="notice-open" onClick={() => open(taskName(task))}>
      <span class="notice-head">
        <span class="notice-kind">
          <Icon name={icon} size={14} />
          {word}
        </span>
        <span class="id">{task.task}</span>
        {isMixed && <span class="card-project">{task.project}</span>}
        {task.since !== null && (
          <span class="notice-age">
            <Age time={task.since} />
          </span>
        )}
      </span>
      <span class="notice-text">{textOf(kind, task)}</span>
      <span class="notice-foot">
        {task.agent !== null && (
          <span class="who">
            <Avatar agent={task.agent} />
            <span>{task.agent}</span>
          </span>
        )}
        {below !== null && <span class="notice-title">{below}</span>}
        {kind === 'asking' && config.value.actions && <span class="notice-do">Answer</span>}
      </span>
    </button>
  );
}

function Pause({ pause }: { readonly pause: BoardPause }) {
  return (
    <div class="notice-open">
      <span class="notice-head">
        <span class="notice-kind">
          <Icon name="pause" size={14} />
          {KINDS.paused.word}
        </span>
        <span class="id">{pause.project ?? 'whole queue'}</span>
        <span class="notice-age">
          <Age time={pause.at} />
        </span>
      </span>
      <span class="notice-text">{pause.reason}</span>
      <span class="notice-foot">
        <span class="who">
          <Avatar agent={pause.by} />
          <span>{pause.by}</span>
        </span>
        {config.value.actions && (
          <button
            type="button"
            class="notice-do"
            onClick={() => void act({ action: 'resume', project: pause.project })}
          >
            Resume
          </button>
        )}
      </span>
    </div>
  );
}

function textOf(kind: Exclude<AttentionKind, 'paused'>, task: BoardTask): string {
  if (kind === 'failing') return `${counted(task.failures, 'failure')}: ${task.title ?? task.task}`;
  if (kind === 'stalled') return task.title ?? 'no sign of its owner';
  return task.about ?? task.title ?? board.value.branch;
}

function keyOf(item: Attention): string {
  return item.kind === 'paused' ? `paused ${item.pause.project ?? ''}` : taskName(item.task);
}
