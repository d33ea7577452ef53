import { age, ago, exactTime } from '../format/times.ts';
import { now } from '../state/board-state.ts';

/** How long ago something was; the time itself is in its tooltip. */
export function Ago({ time }: { readonly time: string }) {
  return (
    <time dateTime={time} title={exactTime(time)}>
      {ago(time, now.value)}
    </time>
  );
}

/** How long something has been so. */
export function Age({ time }: { readonly time: string }) {
  return (
    <time dateTime={time} title={`since ${exactTime(time)}`}>
      {age(time, now.value)}
    </time>
  );
}
