import type { Identity, Repository } from './repository.ts';

export type FileMode = '100644' | '100755' | '120000';

/** One change of a commit's tree, applied in order. Paths are relative to the root, with `/`. */
export type TreeChange =
  | { readonly path: string; readonly mode: FileMode; readonly content: Uint8Array }
  /** A blob that exists already. */
  | { readonly path: string; readonly mode: FileMode; readonly oid: string }
  | { readonly path: string; readonly delete: true }
  | { readonly from: string; readonly to: string };

export interface CommitSpec {
  /** Whole message; a newline is added at its end where there is none. */
  readonly message: string;
  readonly author: Identity;
  readonly committer: Identity;
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
  /** `+0000` where not given. */
  readonly timezone?: string;
  readonly changes: readonly TreeChange[];
}

/**
 * Builds a chain of commits on `parent` (undefined: a root commit) in one `fast-import`, touching no ref, index or work tree.
 * @returns the ids, in order.
 * @throws Failure `internal` where git refuses, `interrupted` when aborted. Nothing is left behind but unreferenced objects.
 */
export function buildCommits(
  _repository: Repository,
  _parent: string | undefined,
  _commits: readonly CommitSpec[],
): Promise<readonly string[]> {
  throw new Error('not built yet');
}
