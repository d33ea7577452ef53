import type { MadeObject } from '../repository/made-objects.ts';
import type { Repository } from '../repository/repository.ts';
import { assertTreePath, authorship, type CommitSpec, messageBytes, type TreeChange } from './commit-spec.ts';
import { LooseObjects } from './loose-objects.ts';
import type { ObjectReader } from './objects.ts';
import { parseRawTree } from './tree.ts';

/**
 * Most commits to build this way: each rewrites its folders as a whole, while `fast-import` packs the differences. Up
 * to this number it is faster, since it needs no process (8 ms of a claim's 120).
 */
const MOST_COMMITS = 8;

/** Largest folder to edit this way (bytes of its tree object, about 6,000 files). */
const LARGEST_TREE = 256 * 1024;

const FOLDER = '40000';

/**
 * Builds a short chain of commits on `parent` by writing their objects one by one, without a git process. Anything
 * unusual is left to `fast-import`, which decides and words its refusal.
 *
 * @returns the ids, in order, the same as from `fast-import`; undefined if `fast-import` must do it
 */
export async function buildLoose(
  repository: Repository,
  objects: ObjectReader,
  parent: string,
  commits: readonly CommitSpec[],
): Promise<readonly string[] | undefined> {
  const store = LooseObjects.of(repository);
  if (store === undefined || commits.length > MOST_COMMITS) return undefined;
  const trees = new Trees(objects, repository.zeroId.length / 2);
  const root = await trees.load(await objects.commitTree(parent));
  if (root === undefined) return undefined;
  const made: MadeObject[] = [];
  const ids: string[] = [];
  for (const commit of commits) {
    for (const change of commit.changes) {
      if (!(await apply(trees, root, change, store, made))) return undefined;
    }
    const tree = root.store(store, made);
    const lines = `tree ${tree}\nparent ${ids.at(-1) ?? parent}\n${authorship(commit)}\n`;
    const written = store.make('commit', Buffer.concat([Buffer.from(lines, 'utf8'), messageBytes(commit)]));
    made.push(written);
    ids.push(written.oid);
  }
  if ((await store.write(made)) !== 'written') return undefined;
  const tip = ids.at(-1);
  if (tip !== undefined) repository.made.note(tip, { base: parent, objects: made });
  return ids;
}

interface Entry {
  readonly mode: string;
  readonly oid: string;
}

/** A folder being changed. Names are the bytes of the tree object as latin1, so that reading changes none of them. */
class Folder {
  readonly #trees: Trees;
  readonly #entries: Map<string, Entry | Folder>;
  #oid: string | undefined;

  constructor(trees: Trees, entries: Map<string, Entry | Folder>, oid: string | undefined) {
    this.#trees = trees;
    this.#entries = entries;
    this.#oid = oid;
  }

  get(name: string): Entry | Folder | undefined {
    return this.#entries.get(name);
  }

  set(name: string, entry: Entry | Folder): void {
    this.#entries.set(name, entry);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  /** Whether there is no file in it, nor in any folder below. */
  get isEmpty(): boolean {
    return [...this.#entries.values()].every((entry) => entry instanceof Folder && entry.isEmpty);
  }

  touch(): void {
    this.#oid = undefined;
  }

  /** The folder of that name, loaded if necessary; undefined if there is none that can be edited this way. */
  async folder(name: string, otherwise: 'make' | 'leave'): Promise<Folder | undefined> {
    const entry = this.#entries.get(name);
    if (entry instanceof Folder) return entry;
    if (entry === undefined ? otherwise === 'leave' : entry.mode !== FOLDER) return undefined;
    const folder = entry === undefined ? this.#trees.make() : await this.#trees.load(entry.oid);
    if (folder !== undefined) this.#entries.set(name, folder);
    return folder;
  }

  /** @returns the id of the tree object, which is added to `made` if it is new */
  store(store: LooseObjects, made: MadeObject[]): string {
    if (this.#oid !== undefined) return this.#oid;
    const lines: { readonly key: string; readonly bytes: Buffer }[] = [];
    for (const [name, entry] of this.#entries) {
      const isFolder = entry instanceof Folder;
      // Git keeps no empty folder.
      if (isFolder && entry.isEmpty) continue;
      const { mode, oid } = isFolder ? { mode: FOLDER, oid: entry.store(store, made) } : entry;
      // Git sorts a folder as if its name ended in a slash.
      const key = mode === FOLDER ? `${name}/` : name;
      lines.push({ key, bytes: Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]) });
    }
    lines.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    const tree = store.make('tree', Buffer.concat(lines.map(({ bytes }) => bytes)));
    made.push(tree);
    this.#oid = tree.oid;
    return tree.oid;
  }
}

/** The folders of one chain of commits, each read once. */
class Trees {
  readonly #objects: ObjectReader;
  readonly #idBytes: number;
  /** Objects in the folders that were read, which therefore exist. */
  readonly #known = new Set<string>();

  constructor(objects: ObjectReader, idBytes: number) {
    this.#objects = objects;
    this.#idBytes = idBytes;
  }

  has(oid: string): boolean {
    return this.#known.has(oid);
  }

  make(): Folder {
    return new Folder(this, new Map(), undefined);
  }

  /** @returns undefined if it is too large to edit this way */
  async load(oid: string): Promise<Folder | undefined> {
    const bytes = await this.#objects.rawTree(oid);
    if (bytes.length > LARGEST_TREE) return undefined;
    const entries = parseRawTree(bytes, this.#idBytes);
    for (const entry of entries) this.#known.add(entry.oid);
    return new Folder(this, new Map(entries.map((entry) => [entry.name, entry])), oid);
  }
}

/** @returns false if git must decide what the change means */
async function apply(
  trees: Trees,
  root: Folder,
  change: TreeChange,
  store: LooseObjects,
  made: MadeObject[],
): Promise<boolean> {
  if ('from' in change) {
    const from = await place(root, change.from, 'leave');
    const entry = from?.folder.get(from.name);
    if (from === undefined || entry === undefined || entry instanceof Folder) return false;
    from.folder.delete(from.name);
    return put(root, change.to, entry);
  }
  if ('delete' in change) {
    const at = await place(root, change.path, 'leave');
    at?.folder.delete(at.name);
    return at !== undefined;
  }
  if ('oid' in change) return trees.has(change.oid) && put(root, change.path, { mode: change.mode, oid: change.oid });
  const blob = store.make('blob', change.content);
  made.push(blob);
  return put(root, change.path, { mode: change.mode, oid: blob.oid });
}

async function put(root: Folder, path: string, entry: Entry): Promise<boolean> {
  const at = await place(root, path, 'make');
  // A file in the place of a folder: let git decide what happens to the files in it.
  if (at === undefined || at.folder.get(at.name) instanceof Folder || isFolder(at.folder.get(at.name))) return false;
  at.folder.set(at.name, entry);
  return true;
}

function isFolder(entry: Entry | Folder | undefined): boolean {
  return entry !== undefined && !(entry instanceof Folder) && entry.mode === FOLDER;
}

/** The folder that holds the path, ready to be changed; undefined if there is none and none can be made. */
async function place(
  root: Folder,
  path: string,
  otherwise: 'make' | 'leave',
): Promise<{ readonly folder: Folder; readonly name: string } | undefined> {
  assertTreePath(path);
  const parts = Buffer.from(path, 'utf8').toString('latin1').split('/');
  const name = parts.pop() ?? '';
  let folder = root;
  const way = [root];
  for (const part of parts) {
    const next = await folder.folder(part, otherwise);
    if (next === undefined) return undefined;
    way.push(next);
    folder = next;
  }
  for (const each of way) each.touch();
  return { folder, name };
}
