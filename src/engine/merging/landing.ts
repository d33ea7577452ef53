import { Failure } from '../../domain/base/failure.ts';
import type { PushOutcome, RefUpdate } from '../../git/answers/push-outcome.ts';
import type { BranchStore } from '../../store/branch-store.ts';
import type { Engine } from '../base/engine.ts';
import { pushFailure } from '../base/retryable.ts';
import type { RemoteAbilities } from '../transaction/abilities.ts';

/** A branch that moves to a commit which has been built on its tip. */
export interface BranchMove {
  readonly branch: string;
  /** undefined: the branch is new. */
  readonly from: string | undefined;
  readonly to: string;
}

/** What landing works with. */
export interface Landing {
  readonly engine: Engine;
  readonly store: BranchStore;
  readonly abilities: Pick<RemoteAbilities, 'canPushAtomically' | 'rememberNoAtomic'>;
}

/**
 * What became of the moves of several tries. A push whose answer was lost is looked up by its commits before anything
 * is tried again (CONTRACT 7.3): their ids are known, and nobody else makes them.
 */
export class Landed {
  readonly #landing: Landing;
  readonly #landed = new Map<string, BranchMove>();
  readonly #commits = new Set<string>();
  #uncertain: readonly BranchMove[] = [];

  constructor(landing: Landing) {
    this.#landing = landing;
  }

  /** By branch: from where it was at first to where it is now. */
  get moves(): ReadonlyMap<string, BranchMove> {
    return this.#landed;
  }

  /** Whether this commit was built by one of the tries and has landed as the tip of its branch. */
  has(commit: string): boolean {
    return this.#commits.has(commit);
  }

  /** Whether the branches may have moved further than {@link moves} says. */
  get isUncertain(): boolean {
    return this.#uncertain.length > 0;
  }

  /** Looks up what a push without an answer has done. @param tips where the branches are now */
  async resolve(tips: ReadonlyMap<string, string>): Promise<void> {
    const { store } = this.#landing;
    for (const move of this.#uncertain) {
      const tip = tips.get(move.branch);
      if (tip === undefined) continue;
      await store.obtain(move.branch, tip);
      if (await store.contains(tip, move.to)) this.#note(move);
    }
    this.#uncertain = [];
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
      if (isUnable) await abilities.rememberNoAtomic();
      if (!isUnable || how === 'together') return this.#conclude(moves, outcome, attempt);
    }
    for (const move of moves) {
      this.#conclude([move], await this.#pushAll([move]), attempt);
      engine.signal.throwIfAborted();
    }
  }

  #pushAll(moves: readonly BranchMove[]): Promise<PushOutcome> {
    const { engine } = this.#landing;
    const updates = moves.map(({ branch, from, to }): RefUpdate => {
      return { ref: `refs/heads/${branch}`, expected: from, to };
    });
    return engine.critical.run(async () => {
      engine.at?.('pushing');
      const outcome = await engine.store.push(updates, { atomic: moves.length > 1, signal: engine.cut });
      engine.at?.('pushed');
      return outcome;
    });
  }

  #conclude(moves: readonly BranchMove[], outcome: PushOutcome, attempt: number): void {
    if (outcome.kind === 'landed') {
      for (const move of moves) this.#note(move);
      return;
    }
    const isCertain = outcome.kind === 'rejected' || outcome.kind === 'refused' || outcome.kind === 'local';
    if (!isCertain) this.#uncertain = moves;
    if (outcome.kind === 'rejected') this.#landing.engine.onEvent({ kind: 'rejected', attempt, words: outcome.words });
    throw pushFailure(outcome, attempt);
  }

  #note(move: BranchMove): void {
    const before = this.#landed.get(move.branch);
    this.#commits.add(move.to);
    this.#landed.set(move.branch, before === undefined ? move : { ...move, from: before.from });
  }
}

/** The failure of several tries, with what is known of them. */
export function withLanded(error: unknown, landed: Landed): unknown {
  if (!(error instanceof Failure) || (landed.moves.size === 0 && !landed.isUncertain)) return error;
  const { code, message, hint, details, cause } = error;
  const done = [...landed.moves.values()].map(({ branch, to }) => `${branch} moved to ${to.slice(0, 12)}`);
  const maybe = landed.isUncertain ? ['what was pushed last may have landed'] : [];
  return new Failure(code, `${message} (${[...done, ...maybe].join('; ')})`, {
    hint: hint === undefined ? 'run it again: it does what is left' : `${hint}; run again, it does what is left`,
    details: { ...details, moved: [...landed.moves.keys()], ...(landed.isUncertain ? { mayHaveLanded: true } : {}) },
    cause,
  });
}
