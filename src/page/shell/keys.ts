import { filters, opened, showsCancelled, view } from '../state/board-state.ts';
import { NO_FILTERS } from '../state/filters.ts';
import { VIEWS } from '../state/hash.ts';
import { asking, showsHelp } from '../state/overlays.ts';
import { nextTheme } from '../state/theme.ts';

/** Listens to the keys of the whole page; answers how to stop. */
export function listenToKeys(): () => void {
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  // A dialog has the keys for itself.
  if (opened.peek() !== null || showsHelp.peek() || asking.peek() !== null) return;
  const at = VIEWS[Number(event.key) - 1];
  if (at !== undefined) view.value = at;
  else if (event.key === '/') document.getElementById('search')?.focus();
  else if (event.key === '?') showsHelp.value = true;
  else if (event.key === 't') nextTheme();
  else if (event.key === 'x') filters.value = NO_FILTERS;
  else if (event.key === 'c') showsCancelled.value = !showsCancelled.peek();
  else return;
  event.preventDefault();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}
