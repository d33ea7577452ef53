/**
 * Lets the arrow keys go from card to card below an element: up and down in a column, left and right between columns.
 */
export function moveByArrows(element: HTMLElement | null): void {
  // The same function as before is not added twice.
  element?.addEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const card = event.target instanceof Element ? event.target.closest('.task-card') : null;
  const column = card?.closest('.column');
  if (card == null || column == null || !(event.currentTarget instanceof Element)) return;
  const next = nextCard(event.key, card, column, event.currentTarget);
  if (next === undefined) return;
  event.preventDefault();
  next?.querySelector<HTMLElement>('.card-open')?.focus();
  next?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** null: the key means a card, but there is none; undefined: the key means none. */
function nextCard(key: string, card: Element, column: Element, board: Element): Element | null | undefined {
  const cards = cardsOf(column);
  const at = cards.indexOf(card);
  if (key === 'ArrowDown') return cards[at + 1] ?? null;
  if (key === 'ArrowUp') return cards[at - 1] ?? null;
  if (key === 'Home') return cards[0] ?? null;
  if (key === 'End') return cards.at(-1) ?? null;
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return undefined;
  const columns = [...board.querySelectorAll('.column')].filter((one) => cardsOf(one).length > 0);
  const other = columns[columns.indexOf(column) + (key === 'ArrowRight' ? 1 : -1)];
  return other === undefined ? null : nearest(cardsOf(other), card.getBoundingClientRect().top);
}

function nearest(cards: readonly Element[], top: number): Element | null {
  const distance = (card: Element): number => Math.abs(card.getBoundingClientRect().top - top);
  return cards.reduce<Element | null>(
    (best, card) => (best === null || distance(card) < distance(best) ? card : best),
    null,
  );
}

function cardsOf(column: Element): readonly Element[] {
  return [...column.querySelectorAll('.task-card')];
}
