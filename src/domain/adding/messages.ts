import type { Refusal } from '../base/failure.ts';
import { given } from '../base/given.ts';

/** The message with the place of the input in front of it; what was given by flags has none. */
export function at(place: string | undefined, message: string): string {
  return place === undefined ? message : `${place}: ${message}`;
}

/** A task that cannot be added as things are in the queue. */
export function invalid(place: string | undefined, message: string, hint?: string): Refusal {
  return { code: 'task-invalid', message: at(place, message), ...given({ hint }) };
}
