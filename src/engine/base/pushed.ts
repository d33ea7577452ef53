import { Failure } from '../../domain/base/failure.ts';

/** A branch that moves to a commit which has been built on its tip. */
export interface BranchMove {
  readonly branch: string;
  /** undefined: the branch is new. */
  readonly from: string | undefined;
  readonly to: string;
}

/**
 * What a command has pushed that builds its commits itself: what landed, and what may have landed because its answer is
 * missing. It outlives the work, so that a deadline that ends the work says neither too much nor too little.
 */
export class Pushed {
  readonly #landed = new Map<string, BranchMove>();
  #open: readonly BranchMove[] = [];

  /** By branch: from where it was at first to where it is now. */
  get moves(): ReadonlyMap<string, BranchMove> {
    return this.#landed;
  }

  /** Pushes whose outcome is not known, oldest first. */
  get open(): readonly BranchMove[] {
    return this.#open;
  }

  /** A push begins: from here on it may have landed. */
  begin(moves: readonly BranchMove[]): void {
    this.#open = [...this.#open, ...moves];
  }

  /** The push certainly did not land. */
  failed(moves: readonly BranchMove[]): void {
    this.#open = this.#open.filter((move) => !moves.includes(move));
  }

  /** The push landed. */
  landed(moves: readonly BranchMove[]): void {
    this.failed(moves);
    for (const move of moves) {
      const before = this.#landed.get(move.branch);
      this.#landed.set(move.branch, before === undefined ? move : { ...move, from: before.from });
    }
  }

  /** The branch was seen at `tip`. What is leased on another commit cannot land any more. */
  seen(branch: string, tip: string | undefined): void {
    this.#open = this.#open.filter((move) => move.branch !== branch || move.from === tip);
  }

  /** The failure, with what is known of the pushes; the failure itself if nothing was pushed. */
  told(error: unknown): unknown {
    if (!(error instanceof Failure) || (this.#landed.size === 0 && this.#open.length === 0)) return error;
    const { code, message, details, cause } = error;
    const done = [...this.#landed.values()].map(({ branch, to }) => `${branch} moved to ${to.slice(0, 12)}`);
    const maybe = [...new Set(this.#open.map(({ branch, to }) => `${to.slice(0, 12)} may have landed on ${branch}`))];
    return new Failure(code, `${message} (${[...done, ...maybe].join('; ')})`, {
      hint: this.#hintAfter(error),
      details: {
        ...details,
        moved: [...this.#landed.keys()],
        ...(this.#open.length > 0 ? { mayHaveLanded: true, commits: this.#open.map(({ to }) => to) } : {}),
      },
      cause,
    });
  }

  /** What the deadline says of a command that has done nothing is not true of this one. */
  #hintAfter({ code, hint }: Failure): string {
    if (hint === undefined || code === 'timed-out') return 'run it again: it does what is left';
    return `${hint}; run again, it does what is left`;
  }
}
