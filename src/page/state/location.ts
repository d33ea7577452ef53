import { batch, effect } from '@preact/signals';
import { filters, opened, showsCancelled, view } from './board-state.ts';
import { fromHash, toHash } from './hash.ts';

/** Keeps the state and the fragment of the URL the same: links, the back button and a reload show the same place. */
export function followLocation(): void {
  read();
  addEventListener('hashchange', read);
  let drawer = opened.peek();
  effect(() => {
    const place = { view: view.value, filters: filters.value, opened: opened.value, cancelled: showsCancelled.value };
    const hash = toHash(place);
    // Back closes a task that was opened. Filters would leave an entry for each letter that is typed.
    const isStep = place.opened !== drawer && place.opened !== null;
    drawer = place.opened;
    if (hash === location.hash || (location.hash === '' && hash === '#/board')) return;
    if (isStep) history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
  });
}

function read(): void {
  const place = fromHash(location.hash);
  batch(() => {
    view.value = place.view;
    opened.value = place.opened;
    showsCancelled.value = place.cancelled;
    if (JSON.stringify(place.filters) !== JSON.stringify(filters.peek())) filters.value = place.filters;
  });
}
