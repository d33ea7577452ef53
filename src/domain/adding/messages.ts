import type { Refusal } from '../base/failure.ts';
import { given } from '../base/given.ts';

/** The message with its place in the input in front; tasks given by flags have none. */
export function at(place: string | undefined, message: string): string {
  return place === undefined ? message : `${place}: ${message}`;
}

/** The refusal of a task that cannot be added to the queue as it is. */
export function invalid(place: string | undefined, message: string, hint?: string): Refusal {
  return { code: 'task-invalid', message: at(place, message), ...given({ hint }) };
}
