import { createHash } from 'node:crypto';

/** Blobs of a repository in memory, by the hash of their content. */
export class MemoryBlobs {
  readonly #blobs = new Map<string, Uint8Array>();

  /** @returns the id of the blob */
  store(bytes: Uint8Array): string {
    const oid = createHash('sha1').update(bytes).digest('hex');
    this.#blobs.set(oid, bytes);
    return oid;
  }

  /** Contents by id, without those that do not exist. */
  read(oids: readonly string[]): ReadonlyMap<string, Uint8Array> {
    return new Map(
      oids.flatMap((oid) => {
        const bytes = this.#blobs.get(oid);
        return bytes === undefined ? [] : [[oid, bytes] as const];
      }),
    );
  }
}
