import { useLayoutEffect, useRef } from 'preact/hooks';
import type { BoardTask } from '../../domain/dashboard/board.ts';
import { taskName } from '../../domain/queue/task.ts';
import { tasksByName } from '../state/board-state.ts';

/** More moves at once are a new board, and nobody follows them with their eyes. */
const MOST_MOVES = 12;
const MOVE_MS = 420;

/**
 * Lets cards that change their column glide there. Where they were is measured before the new board is drawn; it costs
 * nothing if no task has changed its state.
 */
export function useMoves(): void {
  const shown = useRef<ReadonlyMap<string, BoardTask>>(undefined);
  const before = placesOf(shown.current, tasksByName.value);
  shown.current = tasksByName.value;
  useLayoutEffect(() => {
    for (const [name, place] of before) glide(name, place);
  });
}

/** Where the cards are that are about to move. */
function placesOf(
  from: ReadonlyMap<string, BoardTask> | undefined,
  to: ReadonlyMap<string, BoardTask>,
): ReadonlyMap<string, DOMRect> {
  const places = new Map<string, DOMRect>();
  if (from === undefined || from === to || matchMedia('(prefers-reduced-motion: reduce)').matches) return places;
  for (const card of document.querySelectorAll<HTMLElement>('.task-card[data-name]')) {
    const name = card.dataset.name ?? '';
    const after = to.get(name);
    if (after === undefined || after.state === from.get(name)?.state) continue;
    places.set(taskName(after), card.getBoundingClientRect());
    if (places.size > MOST_MOVES) return new Map();
  }
  return places;
}

function glide(name: string, from: DOMRect): void {
  const card = document.querySelector<HTMLElement>(`.task-card[data-name="${CSS.escape(name)}"]`);
  if (card === null) return;
  const to = card.getBoundingClientRect();
  if (to.width === 0) return;
  const [x, y] = [from.left - to.left, from.top - to.top];
  card.classList.add('card-moving');
  const animation = card.animate([{ transform: `translate(${x}px, ${y}px) rotate(-1deg)` }, { transform: 'none' }], {
    duration: MOVE_MS,
    easing: 'cubic-bezier(.2,.8,.2,1)',
  });
  animation.addEventListener('finish', () => card.classList.remove('card-moving'));
}
