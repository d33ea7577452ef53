import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { branchProblem, projectProblem } from '../domain/base/names.ts';
import { Ownership } from '../domain/branches/ownership.ts';
import { formatPauses, parsePauses } from '../domain/pausing/pauses.ts';
import { replaceFile } from '../git/repository/kept-file.ts';

/** Which projects lived on which branches when the main branch was at a tip. */
export interface KnownBranches {
  readonly tip: string;
  readonly ownership: Ownership;
}

/**
 * What a clone remembers of the branches of a queue, in a file of its git directory, so that its next look is at all of
 * them. A queue with one branch has no such file. A file that cannot be read or written is not a failure.
 */
export class BranchMemory {
  readonly #path: string;
  readonly #main: string;

  /**
   * @param commonDir git directory that all worktrees share
   * @param key identifies the remote
   * @param main the main branch
   */
  constructor(commonDir: string, key: string, main: string) {
    this.#path = join(commonDir, 'agentq', `branches-${key.replace(/[^A-Za-z0-9_-]/g, '_')}.json`);
    this.#main = main;
  }

  /** @returns undefined if only one branch is known */
  read(): KnownBranches | undefined {
    try {
      return parse(JSON.parse(readFileSync(this.#path, 'utf8')), this.#main);
    } catch {
      return undefined;
    }
  }

  write({ tip, ownership }: KnownBranches): void {
    try {
      if (ownership.isSingle) {
        rmSync(this.#path, { force: true });
        return;
      }
      const branches = ownership.branches.flatMap((branch) => ownership.namedOn(branch).map((one) => [one, branch]));
      const pauses = formatPauses(ownership.pauses ?? []) ?? '';
      replaceFile(this.#path, `${JSON.stringify({ tip, branches, pauses })}\n`, /^branches-.*\.json\.\d+$/);
    } catch {
      // A read-only git directory: each process finds out for itself.
    }
  }
}

/** Another version may have written the file, or somebody by hand. */
function parse(value: unknown, main: string): KnownBranches | undefined {
  if (typeof value !== 'object' || value === null || !('tip' in value) || !('branches' in value)) return undefined;
  const { tip, branches } = value;
  // An older version does not know pauses: then the settings are read again.
  const pauses = 'pauses' in value && typeof value.pauses === 'string' ? parsePauses(value.pauses) : undefined;
  if (pauses === undefined) return undefined;
  if (typeof tip !== 'string' || !/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(tip) || !Array.isArray(branches))
    return undefined;
  const pairs = branches.flatMap((pair: unknown): [string, string][] => {
    const [project, branch]: unknown[] = Array.isArray(pair) ? pair : [];
    if (typeof project !== 'string' || typeof branch !== 'string') return [];
    return projectProblem(project) === undefined && branchProblem(branch) === undefined ? [[project, branch]] : [];
  });
  const ownership = new Ownership(main, { branches: new Map(pairs) }, pauses);
  return ownership.isSingle || pairs.length < branches.length ? undefined : { tip, ownership };
}
