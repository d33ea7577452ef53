import type { Ending } from '../process/ending.ts';
import { damagedClone, prunedClone } from '../process/local-trouble.ts';
import type { Repository } from '../repository/repository.ts';
import { type CatFile, HEAD, startCatFile } from './cat-file.ts';
import { FileTree } from './file-tree.ts';
import { promisorOf } from './promisor.ts';
import { parseTree, type TreeEntry } from './tree.ts';

export type BlobReading =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly size: number }
  | { readonly kind: 'missing' };

/**
 * Reads objects through one `cat-file` process. What is missing in a partial clone is fetched; a signal ends the fetch.
 * Requests may overlap, and are answered in order.
 */
export interface ObjectReader {
  /** Whether the commit is in this clone; never fetches. */
  exists(oid: string): Promise<boolean>;
  /** The commit that HEAD of this worktree is at now; undefined if it has none yet. */
  head(): Promise<string | undefined>;
  /** The parents of each commit, in the order asked; undefined for a commit that is not here. Never fetches. */
  parents(oids: readonly string[]): Promise<readonly (readonly string[] | undefined)[]>;
  /**
   * The root tree of a commit.
   * @throws Failure `repository-damaged` if it is missing (`details.missing`) or not a commit (`details.found`)
   */
  commitTree(oid: string): Promise<string>;
  /**
   * The entries of each tree, in the order asked. In a partial clone, missing trees are fetched in one batch.
   * @throws Failure `repository-damaged` if one is missing or not a tree; what a fetch throws
   */
  readTrees(oids: readonly string[], ending?: Ending): Promise<readonly (readonly TreeEntry[])[]>;
  /**
   * A tree of files only, in which names are looked up.
   * @returns undefined if the tree may have folders
   * @throws as {@link readTrees}
   */
  fileTree(oid: string, ending?: Ending): Promise<FileTree | undefined>;
  /** The bytes of a tree object. @throws as {@link readTrees} */
  rawTree(oid: string): Promise<Buffer>;
  /** The content of each blob, in the order asked. Blobs over `maxBytes` (default 4 MiB) are not read. */
  readBlobs(
    oids: readonly string[],
    options?: { readonly maxBytes?: number | undefined } & Ending,
  ): Promise<readonly BlobReading[]>;
  /** Ends the process. Safe to call twice. */
  close(): Promise<void>;
}

/** A task file has a few kilobytes; a file of 200 MB is a mistake, and must not end up in memory. */
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** Most trees to keep, the newest ones: a claim reads five, of a few kilobytes each. */
const RECENT_TREES = 32;
const RECENT_BYTES = 256 * 1024;

/**
 * Reads through the given process, or starts one at once. It finds objects that are fetched later: git looks for new
 * packs before it calls an object missing.
 */
export function openObjects(repository: Repository, batch: CatFile = startCatFile(repository.git)): ObjectReader {
  const promisor = repository.partial ? promisorOf(repository) : undefined;

  /** A change of the tree starts with folders that were read just before. */
  const recent = new Map<string, Buffer>();
  async function trees(oids: readonly string[], signal?: AbortSignal): Promise<Buffer[]> {
    await promisor?.ensure(oids, signal);
    const bodies = await contents(oids, 'tree');
    for (const [index, body] of bodies.entries()) if (body.length <= RECENT_BYTES) recent.set(oids[index] ?? '', body);
    for (const oid of recent.keys()) {
      if (recent.size <= RECENT_TREES) break;
      recent.delete(oid);
    }
    return bodies;
  }

  async function contents(oids: readonly string[], type: string): Promise<Buffer[]> {
    const answers = await batch.ask('contents', oids);
    return answers.map(({ oid, header, body }) => {
      if (header?.type === type && body !== undefined) return body;
      if (header === undefined) throw prunedClone(`${type} ${oid}`, { missing: oid });
      throw damagedClone(`${oid} is a ${header.type}, not a ${type}`, { found: header.type });
    });
  }

  const idBytes = repository.zeroId.length / 2;

  return {
    async exists(oid) {
      if (promisor !== undefined) return (await promisor.absent([oid])).length === 0;
      const [answer] = await batch.ask('info', [oid]);
      return answer?.header !== undefined;
    },
    async head() {
      const [answer] = await batch.ask('info', [HEAD]);
      return answer?.header?.oid;
    },
    async parents(oids) {
      const answers = await batch.ask('contents', oids);
      return answers.map(({ header, body }) => {
        if (header?.type !== 'commit' || body === undefined) return undefined;
        const [head = ''] = body.toString('latin1').split('\n\n', 1);
        return head.split('\n').flatMap((line) => (line.startsWith('parent ') ? [line.slice(7)] : []));
      });
    },
    async commitTree(oid) {
      const [body] = await contents([oid], 'commit');
      const tree = /^tree ([0-9a-f]+)\n/.exec(body?.toString('latin1') ?? '')?.[1];
      if (tree === undefined) throw damagedClone(`commit ${oid} has no tree`);
      return tree;
    },
    async readTrees(oids, { signal } = {}) {
      const bodies = await trees(oids, signal);
      return bodies.map((body, index) => {
        try {
          return parseTree(body, idBytes);
        } catch {
          throw damagedClone(`tree ${oids[index]} cannot be read`);
        }
      });
    },
    async fileTree(oid, { signal } = {}) {
      const [body] = await trees([oid], signal);
      return body && FileTree.of(oid, body, idBytes);
    },
    async rawTree(oid) {
      const [body = Buffer.alloc(0)] = recent.has(oid) ? [recent.get(oid)] : await trees([oid]);
      return body;
    },
    async readBlobs(oids, { maxBytes = DEFAULT_MAX_BYTES, signal } = {}) {
      await promisor?.ensure(oids, signal);
      // Sizes first: `contents` cannot be stopped halfway.
      const infos = await batch.ask('info', oids);
      const fits = infos.filter(({ header }) => header?.type === 'blob' && header.size <= maxBytes);
      const bodies = (
        await batch.ask(
          'contents',
          fits.map(({ oid }) => oid),
        )
      ).values();
      return infos.map(({ header }): BlobReading => {
        if (header?.type !== 'blob') return { kind: 'missing' };
        if (header.size > maxBytes) return { kind: 'too-large', size: header.size };
        const body = bodies.next().value?.body;
        return body === undefined ? { kind: 'missing' } : { kind: 'content', bytes: body };
      });
    },
    close: batch.close,
  };
}
