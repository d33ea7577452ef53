import { hueOf, initials } from '../format/words.ts';

/** The letters of an agent in a colour of its own, next to its name. */
export function Avatar({ agent, size = 18 }: { readonly agent: string; readonly size?: number }) {
  return (
    <span class="avatar" style={{ '--hue': String(hueOf(agent)), '--size': `${size}px` }} aria-hidden="true">
      {initials(agent)}
    </span>
  );
}
