import type { BoardAgent } from '../../../domain/dashboard/board.ts';
import { END_LOOKS, ENDS } from './ends.ts';

/** What the colours of the spans mean, of those that are in the picture. */
export function Legend({ agents }: { readonly agents: readonly BoardAgent[] }) {
  const found = new Set(agents.flatMap(({ spans }) => spans.map(({ end }) => end)));
  return (
    <ul class="lane-legend" aria-label="Colours of the timeline">
      {ENDS.filter((end) => found.has(end)).map((end) => (
        <li key={end}>
          <i class={`lane-key end-${end} tone-${END_LOOKS[end].colour}`} aria-hidden="true" />
          {END_LOOKS[end].label}
        </li>
      ))}
    </ul>
  );
}
