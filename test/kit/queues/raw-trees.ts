import { createHash } from 'node:crypto';

/** An entry of a tree object as it will be written. */
export interface RawEntry {
  readonly mode: string;
  readonly name: string;
  readonly id: Uint8Array;
}

/** The bytes of a tree object with these entries, in this order. */
export function rawTree(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat(entries.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`), id]));
}

/** The entries as git sorts them: by bytes, and a folder as if its name ended with a slash. */
export function sortedAsGit(entries: readonly RawEntry[]): RawEntry[] {
  const nameOf = ({ mode, name }: RawEntry): Buffer => Buffer.from(mode === '40000' ? `${name}/` : name);
  return [...entries].sort((a, b) => Buffer.compare(nameOf(a), nameOf(b)));
}

/** Tree objects of files, by their ids. */
export class RawTrees {
  readonly #byId = new Map<string, Buffer>();

  /** @param files modes by path @returns the id of the root */
  add(files: ReadonlyMap<string, string>): string {
    return Buffer.from(this.#folder(files, '')).toString('hex');
  }

  read(oid: string): Buffer {
    const bytes = this.#byId.get(oid);
    if (bytes === undefined) throw new Error(`no tree ${oid}`);
    return bytes;
  }

  #folder(files: ReadonlyMap<string, string>, path: string): Uint8Array {
    const entries = new Map<string, RawEntry>();
    for (const [file, mode] of files) {
      if (!file.startsWith(path)) continue;
      const [name = '', ...below] = file.slice(path.length).split('/');
      if (entries.has(name)) continue;
      entries.set(
        name,
        below.length > 0
          ? { name, mode: '40000', id: this.#folder(files, `${path}${name}/`) }
          : { name, mode, id: createHash('sha1').update(file).digest() },
      );
    }
    const bytes = rawTree(sortedAsGit([...entries.values()]));
    const id = createHash('sha1').update(bytes).digest();
    this.#byId.set(id.toString('hex'), bytes);
    return id;
  }
}
