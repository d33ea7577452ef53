import type { Clock } from '../../domain/base/clock.ts';
import { startDeadline, withinDeadline } from '../base/deadline.ts';
import type { Combiner } from './combiner.ts';

/**
 * Longest time (ms) that a process goes on for others after its caller has its answer. A push takes seconds at most.
 * One that takes longer may hang, and its followers are better off with another leader.
 */
const LONGEST_MS = 10_000;

/** What bounds the wait of {@link seeThrough}. */
export interface SeeingThrough {
  readonly clock: Clock;
  /** Ends the wait at once: the process must end, whatever becomes of the others. */
  readonly interrupt: AbortSignal;
  /** Remaining time (ms) of the command's limit; undefined: it has none. */
  readonly leftMs: number | undefined;
}

/** Waits until this process has finished what it began for others: its end would cut off their push. */
export async function seeThrough(
  combiners: readonly Pick<Combiner, 'idle'>[],
  { clock, interrupt, leftMs = LONGEST_MS }: SeeingThrough,
): Promise<void> {
  // When the limit is near, git needs time to end before it.
  const { cut, close } = startDeadline(clock, {
    timeoutMs: Math.min(LONGEST_MS, leftMs),
    tooLate: () => undefined,
  });
  const idle = Promise.all(combiners.map((combiner) => combiner.idle()));
  await withinDeadline(idle, AbortSignal.any([interrupt, cut])).catch(() => undefined);
  close();
}
