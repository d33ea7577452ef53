import type { Clock } from '../../domain/base/clock.ts';
import { startDeadline, withinDeadline } from '../base/deadline.ts';
import type { Combiner } from './combiner.ts';

/**
 * Longest time (ms) that a process whose caller has its answer goes on for others. A push takes seconds at most; one that
 * takes longer may hang, and whoever follows is better off with another leader.
 */
const LONGEST_MS = 10_000;

/** What bounds the wait of {@link seeThrough}. */
export interface SeeingThrough {
  readonly clock: Clock;
  /** Ends it at once: the process is to end, whatever becomes of the others. */
  readonly interrupt: AbortSignal;
  /** What is left (ms) of the command's limit; undefined: it has none. */
  readonly leftMs: number | undefined;
}

/** Waits until this process has carried out what it has begun for others: its end would cut their push off. */
export async function seeThrough(
  combiners: readonly Pick<Combiner, 'idle'>[],
  { clock, interrupt, leftMs = LONGEST_MS }: SeeingThrough,
): Promise<void> {
  // Where the limit comes near, git needs time to end before it.
  const { cut, close } = startDeadline(clock, {
    timeoutMs: Math.min(LONGEST_MS, leftMs),
    tooLate: () => undefined,
  });
  const idle = Promise.all(combiners.map((combiner) => combiner.idle()));
  await withinDeadline(idle, AbortSignal.any([interrupt, cut])).catch(() => undefined);
  close();
}
