import type { TaskCondition } from '../../domain/queue/task.ts';
import { STATE_WORDS } from '../format/words.ts';

/** A dot in the colour of a state. Words next to it say the state. */
export function StateDot({ state }: { readonly state: TaskCondition | 'stalled' }) {
  return <span class={`dot state-${state}`} aria-hidden="true" />;
}

/** A state in words, in its colour. */
export function StatePill({
  state,
  isStalled = false,
}: {
  readonly state: TaskCondition;
  readonly isStalled?: boolean;
}) {
  const shown = isStalled ? 'stalled' : state;
  return (
    <span class={`pill state-${shown}`}>
      <StateDot state={shown} />
      {isStalled ? 'Stalled' : STATE_WORDS[state]}
    </span>
  );
}
