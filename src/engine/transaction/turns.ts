import type { Turn } from '../../git/upstream/upstream.ts';
import type { QueueStore } from '../../store/queue-store.ts';

/**
 * The turns to push of one transaction. Whoever had to wait may find that what it would push is outdated. It keeps its
 * turn then, and decides again. If it joined the line again, the next decision would be outdated by its turn, too:
 * owners renew their requests every 30 s, so while one push hung for ten minutes, no other machine got anything carried
 * out.
 */
export class Turns {
  #kept: Turn | undefined;

  /** Whether a turn is kept: who decides now decides for a push that follows at once. */
  get isKept(): boolean {
    return this.#kept !== undefined;
  }

  /**
   * @returns the kept turn, or the next one; undefined if nobody waits here, or the signal or an interrupt came first
   */
  async take({ turn }: Pick<QueueStore, 'turn'>, signal: AbortSignal): Promise<Turn | undefined> {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept === undefined ? turn?.({ signal }) : { came: 'at once', leave: () => kept.leave() };
  }

  /** For the next {@link take}, which must follow soon: nobody else has this turn meanwhile. */
  keep(turn: Turn | undefined): void {
    this.#kept = turn;
  }

  /** Nothing is pushed with the kept turn after all. */
  leave(): undefined {
    this.#kept?.leave();
    this.#kept = undefined;
  }
}
