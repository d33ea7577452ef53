import type { PushOutcome, RefUpdate } from '../../git/answers/push-outcome.ts';
import type { BranchStore } from '../../store/branch-store.ts';
import type { Engine } from '../base/engine.ts';
import type { BranchMove, Pushed } from '../base/pushed.ts';
import { isCertain, pushFailure } from '../base/retryable.ts';
import type { RemoteAbilities } from '../transaction/abilities.ts';

/** What landing works with. */
export interface Landing {
  readonly engine: Engine;
  readonly store: BranchStore;
  readonly pushed: Pushed;
  readonly abilities: Pick<RemoteAbilities, 'canPushAtomically' | 'rememberNoAtomic'>;
}

/**
 * What became of the moves of several tries. A push whose answer was lost is looked up by its commits before anything
 * is tried again (CONTRACT 7.3): their ids are known, and nobody else makes them.
 */
export class Landed {
  readonly #landing: Landing;
  readonly #commits = new Set<string>();

  constructor(landing: Landing) {
    this.#landing = landing;
  }

  /** By branch: from where it was at first to where it is now. */
  get moves(): ReadonlyMap<string, BranchMove> {
    return this.#landing.pushed.moves;
  }

  /** Whether this commit was built by one of the tries and has landed as the tip of its branch. */
  has(commit: string): boolean {
    return this.#commits.has(commit);
  }

  /** Looks up what a push without an answer has done. @param tips where the branches are now */
  async resolve(tips: ReadonlyMap<string, string>): Promise<void> {
    const { store, pushed } = this.#landing;
    for (const move of pushed.open) {
      const tip = tips.get(move.branch);
      if (tip === undefined) continue;
      await store.obtain(move.branch, tip);
      if (await store.contains(tip, move.to)) this.#note([move]);
    }
    for (const [branch, tip] of tips) pushed.seen(branch, tip);
  }

  /**
   * Pushes the moves: all or nothing where the server can. Where it can't, one after another in this order.
   * @param attempt number of the try, from 1
   * @param how `together`: where the server can't, nothing is pushed
   * @throws Failure if one of them did not land
   */
  async push(
    moves: readonly BranchMove[],
    attempt: number,
    how: 'together' | 'where-possible' = 'where-possible',
  ): Promise<void> {
    const { abilities, engine } = this.#landing;
    if (moves.length === 0) return;
    // What is remembered may be out of date: it is asked again if nothing else will do.
    if (moves.length > 1 && (how === 'together' || (await abilities.canPushAtomically()))) {
      const outcome = await this.#pushAll(moves);
      const isUnable = outcome.kind === 'refused' && outcome.reason === 'no-atomic';
      if (isUnable) {
        this.#landing.pushed.failed(moves);
        await abilities.rememberNoAtomic();
      }
      if (!isUnable || how === 'together') return this.#conclude(moves, outcome, attempt);
    }
    for (const move of moves) {
      this.#conclude([move], await this.#pushAll([move]), attempt);
      engine.signal.throwIfAborted();
    }
  }

  #pushAll(moves: readonly BranchMove[]): Promise<PushOutcome> {
    const { engine, pushed } = this.#landing;
    const updates = moves.map(({ branch, from, to }): RefUpdate => {
      return { ref: `refs/heads/${branch}`, expected: from, to };
    });
    return engine.critical.run(async () => {
      engine.at?.('pushing');
      pushed.begin(moves);
      const outcome = await engine.store.push(updates, { atomic: moves.length > 1, signal: engine.cut });
      engine.at?.('pushed');
      return outcome;
    });
  }

  #conclude(moves: readonly BranchMove[], outcome: PushOutcome, attempt: number): void {
    if (outcome.kind === 'landed') {
      this.#note(moves);
      for (const { branch, to } of moves) this.#landing.pushed.seen(branch, to);
      return;
    }
    if (isCertain(outcome)) this.#landing.pushed.failed(moves);
    if (outcome.kind === 'rejected') this.#landing.engine.onEvent({ kind: 'rejected', attempt, words: outcome.words });
    throw pushFailure(outcome, attempt);
  }

  #note(moves: readonly BranchMove[]): void {
    for (const { to } of moves) this.#commits.add(to);
    this.#landing.pushed.landed(moves);
  }
}
