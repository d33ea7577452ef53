import { holdsCode } from '../../domain/base/code-names.ts';
import { FetchTurns } from '../../git/upstream/fetch-turns.ts';
import type { Code } from '../queue/code.ts';
import type { Session } from './session.ts';

const HEADS = 'refs/heads/';

/** {@link Code} on git. */
export class CodeReader implements Code {
  readonly #session: Session;
  readonly #turns = new FetchTurns();

  constructor(session: Session) {
    this.#session = session;
  }

  async tips(branches: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const [first, ...others] = branches.map((branch) => `${HEADS}${branch}`);
    if (first === undefined) return new Map();
    const { tip, refs } = await this.#session.upstream.look(first, others);
    const all = new Map(refs);
    if (tip !== undefined) all.set(first, tip);
    return new Map(
      branches.flatMap((branch): [string, string][] => {
        const oid = all.get(`${HEADS}${branch}`);
        return oid === undefined ? [] : [[branch, oid]];
      }),
    );
  }

  defaultBranches(): Promise<readonly string[]> {
    return this.#session.upstream.defaultBranches();
  }

  async isIn(commit: string): Promise<boolean> {
    const { objects } = this.#session;
    const [entries = []] = await objects.readTrees([await objects.commitTree(commit)]);
    return holdsCode(entries.map(({ name }) => name));
  }

  async obtain(branch: string, commit: string): Promise<'present' | 'moved'> {
    const { objects, upstream } = this.#session;
    if (await objects.exists(commit)) return 'present';
    let found: 'present' | 'moved' = 'present';
    // Agents that start at the same time want the same commit.
    await this.#turns.take(async () => {
      if (!(await objects.exists(commit))) found = (await upstream.fetchCommit(`${HEADS}${branch}`, commit)).kind;
    });
    return found;
  }

  async contains(commit: string, other: string): Promise<boolean> {
    const { git } = this.#session.repository;
    return (await git.attempt(['merge-base', '--is-ancestor', commit, other])).exitCode === 0;
  }
}
