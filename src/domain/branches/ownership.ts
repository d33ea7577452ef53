import type { Pause } from '../pausing/pauses.ts';
import type { OtherBranch, PoolSettings } from '../queue/snapshot.ts';

/**
 * Which coordination branch a project lives on. The settings on the main branch name the branches of some projects
 * (`branches: { auth-service: develop-auth }`); all other projects live on the main branch. A copy of the settings on
 * the branch of a project says nothing: two tips that disagree would let one task be claimed twice.
 *
 * The branch that owns a project is right about it. The folders of the project on any other branch are copies, which
 * merges leave there: no answer counts them, and nothing is claimed from them.
 */
export class Ownership {
  /** The configured coordination branch. */
  readonly main: string;
  /** The pauses of all projects: they hold wherever these live. undefined: there are none. */
  readonly pauses: readonly Pause[] | undefined;
  readonly #branches: ReadonlyMap<string, string>;

  /** @param settings those on the tip of `main`, and so are the pauses */
  constructor(main: string, settings: Pick<PoolSettings, 'branches'>, pauses?: readonly Pause[]) {
    this.main = main;
    this.pauses = pauses;
    this.#branches = settings.branches;
  }

  /** The branch that the project lives on. */
  branchOf(project: string): string {
    return this.#branches.get(project) ?? this.main;
  }

  owns(branch: string, project: string): boolean {
    return this.branchOf(project) === branch;
  }

  /** Every branch that a project may live on, each once: the main branch first, then in the order of the settings. */
  get branches(): readonly string[] {
    return [...new Set([this.main, ...this.#branches.values()])];
  }

  /** Whether all projects live on the main branch. */
  get isSingle(): boolean {
    return this.branches.length === 1;
  }

  /** The projects that the settings place on the branch. The main branch owns others, too. */
  namedOn(branch: string): readonly string[] {
    return [...this.#branches].filter(([, one]) => one === branch).map(([project]) => project);
  }

  /**
   * The branch of each project that does not live on this one.
   * @returns undefined if there are no other branches
   */
  elsewhereFrom(branch: string): OtherBranch | undefined {
    if (this.isSingle && branch === this.main) return undefined;
    return (project) => (this.owns(branch, project) ? undefined : this.branchOf(project));
  }

  /** Whether both place the same projects on the same branches. */
  equals(other: Ownership): boolean {
    const projects = new Set([...this.#branches.keys(), ...other.#branches.keys()]);
    return this.main === other.main && [...projects].every((name) => this.branchOf(name) === other.branchOf(name));
  }
}
