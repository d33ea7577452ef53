import type { Repository } from './repository.ts';

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symbolic link), `40000` (folder), `160000` (submodule). */
  readonly mode: string;
  /** Decoded as UTF-8; bytes that are not become U+FFFD, which no name of a queue has. */
  readonly name: string;
  readonly oid: string;
}

export type BlobReading =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly size: number }
  | { readonly kind: 'missing' };

/** Reads objects through one `cat-file` process. Requests are answered in order and may overlap. */
export interface ObjectReader {
  /** Whether the commit is here; never fetches. */
  exists(oid: string): Promise<boolean>;
  /** Root tree of a commit. @throws Failure `internal` where it is missing or no commit. */
  commitTree(oid: string): Promise<string>;
  /** Entries of each tree, in the order asked. In a partial clone, missing ones are fetched in one batch. */
  readTrees(oids: readonly string[]): Promise<readonly (readonly TreeEntry[])[]>;
  /** Content of each blob, in the order asked; those over `maxBytes` (default 4 MiB) are not read. */
  readBlobs(oids: readonly string[], options?: { readonly maxBytes?: number }): Promise<readonly BlobReading[]>;
  /** Ends the process. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts the process at once, so that it is warm when the first answer of the remote arrives. */
export function openObjects(_repository: Repository): ObjectReader {
  throw new Error('not built yet');
}
